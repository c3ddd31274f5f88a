#pragma once

#include <qcustomplot.h>

namespace samba::ui {

/// Ticks of counts and values, with prefixes: 500, 1k, 1.5k.
class CountTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar,
                         int precision) override;

private:
    double m_step = 1;
};

/// Ticks of time spans in milliseconds, on whole seconds, minutes, hours or days.
class DurationTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override;
    int getSubTickCount(double tickStep) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar,
                         int precision) override;
};

/// Ticks of a logarithmic axis: powers of ten where it spans many, 1-2-5 where few, evenly spaced
/// values where it spans less than a power, so that there are always some to read.
class LogTicker : public QCPAxisTicker {
protected:
    int getSubTickCount(double tickStep) override;
    QVector<double> createTickVector(double tickStep, const QCPRange& range) override;
    QString getTickLabel(double tick, const QLocale& locale, QChar formatChar,
                         int precision) override;
};

} // namespace samba::ui
