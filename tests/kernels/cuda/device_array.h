#pragma once

#include "kernels/common/gpu_arguments.h"
#include "tests/kernels/cuda/cuda_emulator.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <QTest>

namespace samba::test {

using Values = std::vector<double>;
using kernels::gpu::Element;

/// Normally distributed numbers as an element can hold them: scale * n + shift.
class RandomValues {
public:
    explicit RandomValues(std::uint64_t seed) : m_generator(seed) {}

    Values take(std::size_t count, Element element, double scale = 1.0, double shift = 0.0);

private:
    std::mt19937_64 m_generator;
    std::normal_distribution<double> m_normal;
};

/// Emulated device memory that holds numbers in the type of an element, of exactly their size.
class DeviceArray {
public:
    /// @param name  for messages, a literal.
    DeviceArray(const char* name, const Values& values, Element element = Element::Float32);

    /// NaN, so that what a kernel forgets to write shows.
    static DeviceArray unwritten(const char* name, std::size_t count,
                                 Element element = Element::Float32);
    static DeviceArray zeros(const char* name, std::size_t count);

    DeviceArray(DeviceArray&&) = default;

    void* data() { return m_bytes->data(); }
    float* floats() { return reinterpret_cast<float*>(m_bytes->data()); }
    Values values() const;

private:
    DeviceArray(const char* name, std::size_t count, Element element);

    Element m_element;
    std::unique_ptr<emu::Buffer<unsigned char>> m_bytes;
};

/// "" if the numbers agree within `relative` times the largest wanted one, otherwise a sentence.
std::string differenceOf(const char* name, const Values& got, const Values& wanted,
                         double relative);

/// How far results stored in this type may be off, relative to the largest.
double toleranceOf(Element element);

/// The races found since the last call, as one text; "" if there are none or nobody looks.
std::string racesFound();

/// "f32", "f16" or "bf16".
const char* nameOf(Element element);

/// "forward", "reverse" or "random".
const char* nameOf(emu::Order order);

/// All elements, and the orders that this program tries: one where races are looked for directly.
const std::vector<Element>& allElements();
std::vector<emu::Order> ordersToTry();

} // namespace samba::test

Q_DECLARE_METATYPE(samba::kernels::gpu::Element)
Q_DECLARE_METATYPE(samba::emu::Order)

/// Fails the running Qt Test if the text is not empty.
#define SAMBA_VERIFY_EMPTY(text)                                                                   \
    do {                                                                                           \
        const std::string sambaText = (text);                                                      \
        QVERIFY2(sambaText.empty(), sambaText.c_str());                                            \
    } while (false)
