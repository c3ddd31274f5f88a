#include "engine/train/tf32_guard.h"

namespace samba {
namespace {

void setPrecision(at::Float32Precision precision)
{
    at::globalContext().setFloat32Precision(at::Float32Backend::CUDA, at::Float32Op::MATMUL,
                                            precision);
}

} // namespace

Tf32Guard::Tf32Guard(bool isOn)
    : m_before(at::globalContext().float32Precision(at::Float32Backend::CUDA,
                                                    at::Float32Op::MATMUL))
{
    setPrecision(isOn ? at::Float32Precision::TF32 : at::Float32Precision::IEEE);
}

Tf32Guard::~Tf32Guard()
{
    setPrecision(m_before);
}

} // namespace samba
