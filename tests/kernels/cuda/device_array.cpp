#include "tests/kernels/cuda/device_array.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace samba::test {
namespace {

std::size_t sizeOf(Element element)
{
    return element == Element::Float32 ? 4 : 2;
}

/// The bits of a number in the type of an element.
template <typename T>
void write(unsigned char* to, T value)
{
    std::memcpy(to, &value, sizeof value);
}

template <typename T>
T read(const unsigned char* from)
{
    T value;
    std::memcpy(&value, from, sizeof value);
    return value;
}

void writeElement(unsigned char* to, Element element, double value)
{
    const float rounded = static_cast<float>(value);
    switch (element) {
    case Element::Float32:
        return write(to, rounded);
    case Element::Float16:
        return write(to, __float2half(rounded));
    case Element::BFloat16:
        return write(to, __float2bfloat16(rounded));
    }
}

double readElement(const unsigned char* from, Element element)
{
    switch (element) {
    case Element::Float16:
        return __half2float(read<__half>(from));
    case Element::BFloat16:
        return __bfloat162float(read<__nv_bfloat16>(from));
    default:
        return read<float>(from);
    }
}

} // namespace

Values RandomValues::take(std::size_t count, Element element, double scale, double shift)
{
    Values values(count);
    for (double& value : values) {
        unsigned char bytes[4] = {};
        writeElement(bytes, element, scale * m_normal(m_generator) + shift);
        value = readElement(bytes, element);
    }
    return values;
}

DeviceArray::DeviceArray(const char* name, std::size_t count, Element element)
    : m_element(element),
      m_bytes(std::make_unique<emu::Buffer<unsigned char>>(count * sizeOf(element), name))
{}

DeviceArray::DeviceArray(const char* name, const Values& values, Element element)
    : DeviceArray(name, values.size(), element)
{
    for (std::size_t i = 0; i < values.size(); ++i)
        writeElement(m_bytes->data() + i * sizeOf(element), element, values[i]);
}

DeviceArray DeviceArray::unwritten(const char* name, std::size_t count, Element element)
{
    return DeviceArray(name, count, element);
}

DeviceArray DeviceArray::zeros(const char* name, std::size_t count)
{
    return DeviceArray(name, Values(count, 0.0));
}

Values DeviceArray::values() const
{
    const std::size_t size = sizeOf(m_element);
    Values values(m_bytes->size() / size);
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = readElement(m_bytes->data() + i * size, m_element);
    return values;
}

std::string differenceOf(const char* name, const Values& got, const Values& wanted, double relative)
{
    if (got.size() != wanted.size())
        return std::string(name) + ": other size";
    double largest = 0;
    for (const double value : wanted)
        largest = std::max(largest, std::abs(value));
    const double allowed = relative * largest;
    std::size_t worst = 0;
    double worstError = -1;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double error = std::abs(got[i] - wanted[i]);
        if (!(error <= worstError)) { // also for NaN, which stays
            worst = i;
            worstError = error;
        }
        if (std::isnan(error))
            break;
    }
    if (worstError <= allowed)
        return {};
    return std::string(name) + ": worst at " + std::to_string(worst) + " of " +
           std::to_string(got.size()) + ": wanted " + std::to_string(wanted[worst]) + ", got " +
           std::to_string(got[worst]) + ", allowed difference " + std::to_string(allowed);
}

double toleranceOf(Element element)
{
    switch (element) {
    case Element::Float16:
        return 2e-3;
    case Element::BFloat16:
        return 1e-2;
    default:
        return 2e-5;
    }
}

std::string racesFound()
{
    std::string text;
    for (const std::string& race : emu::takeRaces())
        text += "data race: " + race + "\n";
    return text;
}

const char* nameOf(Element element)
{
    switch (element) {
    case Element::Float16:
        return "f16";
    case Element::BFloat16:
        return "bf16";
    default:
        return "f32";
    }
}

const char* nameOf(emu::Order order)
{
    switch (order) {
    case emu::Order::Forward:
        return "forward";
    case emu::Order::Reverse:
        return "reverse";
    default:
        return "random";
    }
}

const std::vector<Element>& allElements()
{
    static const std::vector<Element> elements = {Element::Float32, Element::Float16,
                                                  Element::BFloat16};
    return elements;
}

std::vector<emu::Order> ordersToTry()
{
    if (emu::isTracing())
        return {emu::Order::Forward};
    return {emu::Order::Forward, emu::Order::Reverse, emu::Order::Random};
}

} // namespace samba::test
