#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace samba::ui {

/// Smallest and largest finite value of a stretch of samples.
struct Envelope {
    double min;         ///< +inf if nothing is finite
    double max;         ///< -inf if nothing is finite
    double minPositive; ///< smallest value above zero, for logarithmic axes; +inf if there is none
    std::size_t finite; ///< finite samples

    Envelope();

    bool isEmpty() const { return finite == 0; }
    void include(double y);
    void include(const Envelope& other);
};

/// A vertex of a line. A NaN `y` breaks the line.
struct CurvePoint {
    double x = 0;
    double y = 0;
};

/// Samples (x, y) of one curve, kept in full, that can be drawn at a cost of pixels, not samples.
///
/// Above the samples stand levels of envelopes, each block of a level covering 16 blocks of the one
/// below, so that the extremes of any stretch are found in O(log n). NaN and infinite y are kept
/// and reported, but take no part in extremes. Knows nothing of drawing. Thread: that of its owner.
class SeriesBuffer {
public:
    /// Adds one sample. x must be finite and not below the x before it.
    void append(double x, double y);

    /// Adds samples; both spans are of one length.
    void append(std::span<const double> x, std::span<const double> y);

    void clear();

    bool isEmpty() const { return m_x.empty(); }
    std::size_t size() const { return m_x.size(); }
    double x(std::size_t index) const { return m_x[index]; }
    double y(std::size_t index) const { return m_y[index]; }

    /// Whether any sample is finite.
    bool hasFinite() const { return m_nonFinite.size() < m_x.size(); }

    /// Indices of the samples that are NaN or infinite, ascending.
    std::span<const std::size_t> nonFinite() const { return m_nonFinite; }

    /// Index of the first sample with an x of at least this one; size() if there is none.
    std::size_t lowerIndex(double x) const;

    /// Index of the first sample with an x above this one; size() if there is none.
    std::size_t upperIndex(double x) const;

    /// The sample nearest in x, of two equally near the earlier one; nothing if empty.
    std::optional<std::size_t> nearest(double x) const;

    /// Extremes of the samples begin <= index < end.
    Envelope envelope(std::size_t begin, std::size_t end) const;

    /// A line through the samples from xMin to xMax that looks like the full one on so many pixel
    /// columns: at most four vertices a column (first, smallest, largest, last), plus one sample
    /// beyond either side, so that the line leaves the picture where it should.
    /// @param columns  >= 1
    std::vector<CurvePoint> decimated(double xMin, double xMax, std::size_t columns) const;

private:
    static constexpr std::size_t kFanOutBits = 4;
    static constexpr std::size_t kFanOut = std::size_t{1} << kFanOutBits;

    void appendColumn(std::size_t begin, std::size_t end, std::vector<CurvePoint>& points) const;

    std::vector<double> m_x;
    std::vector<double> m_y;
    std::vector<std::size_t> m_nonFinite;
    std::vector<std::vector<Envelope>> m_levels; ///< level k: blocks of 16^(k + 1) samples
};

} // namespace samba::ui
