#pragma once

#include <functional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

namespace samba::test {

/// Like tensorDifference(), with a tolerance of `relative` times the largest wanted absolute value:
/// the measure for results that are sums over many terms.
std::string scaledDifference(const at::Tensor& got, const at::Tensor& wanted, double relative);

/// "" if both tensors hold the same bits, otherwise a sentence.
std::string bitDifference(const at::Tensor& got, const at::Tensor& wanted);

/// The gradient of `loss` with respect to `variable` by central differences, element by element.
/// `variable` is contiguous float64; it is changed during the call and restored.
at::Tensor numericGradient(const std::function<double()>& loss, const at::Tensor& variable);

/// Names of the instruction sets that this machine can run, best first, of those compiled.
std::vector<std::string> instructionSets();

/// While alive, the kernels run with this instruction set.
class InstructionSetInUse {
public:
    explicit InstructionSetInUse(const std::string& name);
    ~InstructionSetInUse();
    InstructionSetInUse(const InstructionSetInUse&) = delete;
    InstructionSetInUse& operator=(const InstructionSetInUse&) = delete;
};

/// While alive, LibTorch uses this number of threads.
class ThreadsInUse {
public:
    explicit ThreadsInUse(int count);
    ~ThreadsInUse();
    ThreadsInUse(const ThreadsInUse&) = delete;
    ThreadsInUse& operator=(const ThreadsInUse&) = delete;

private:
    int m_before;
};

/// While alive, autocast to bfloat16 is on for the CPU.
class AutocastInUse {
public:
    AutocastInUse();
    ~AutocastInUse();
    AutocastInUse(const AutocastInUse&) = delete;
    AutocastInUse& operator=(const AutocastInUse&) = delete;
};

/// The message of the c10::Error that `call` throws; "" if it throws none.
std::string errorOf(const std::function<void()>& call);

} // namespace samba::test

/// Fails the running Qt Test if `difference`, a std::string, is not empty.
#define SAMBA_VERIFY_SAME(difference)                                                              \
    do {                                                                                           \
        const std::string sambaDifference = (difference);                                          \
        QVERIFY2(sambaDifference.empty(), sambaDifference.c_str());                                \
    } while (false)
