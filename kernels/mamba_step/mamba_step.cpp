#include "kernels/mamba_step/mamba_step.h"

#include <algorithm>

#include "kernels/common/checks.h"
#include "kernels/common/parts.h"
#include "kernels/gemv/gemv_cpu.h"
#include "kernels/mamba_step/mamba_step_cpu.h"
#include "kernels/rms_norm/rms_norm_cpu.h"
#include "kernels/selective_scan/selective_scan_cpu.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <omp.h>

namespace samba::kernels {
namespace {

/// The least that a thread takes of channels, operands and outputs: whole cache lines.
constexpr int64_t kPart = 32;

int64_t roundedUp(int64_t count, int64_t multiple)
{
    return (count + multiple - 1) / multiple * multiple;
}

struct Sizes {
    int64_t batch;
    int64_t dModel;
    int64_t dInner;
    int64_t dtRank;
    int64_t dState;
    int64_t width;
};

Sizes checkedSizes(const MambaStepInputs& in)
{
    const ArgumentChecks check("mambaStep");
    check.rank("x", in.x, 2);
    check.rank("A", in.A, 2);
    check.rank("convWeight", in.convWeight, 2);
    const Sizes s{in.x.size(0),      in.x.size(1), in.A.size(0),
                  in.dtProj.columns, in.A.size(1), in.convWeight.size(1)};
    const auto expect = [&](const char* name, const at::Tensor& tensor,
                            std::initializer_list<int64_t> shape) {
        if (!tensor.defined())
            return;
        check.shape(name, tensor, shape);
        check.dtype(name, tensor, {at::kFloat});
        check.onCpu(name, tensor);
        check.contiguous(name, tensor);
    };
    expect("x", in.x, {s.batch, s.dModel});
    expect("norm", in.norm, {s.dModel});
    expect("inBias", in.inBias, {2 * s.dInner});
    expect("convWeight", in.convWeight, {s.dInner, s.width});
    expect("convBias", in.convBias, {s.dInner});
    expect("dtBias", in.dtBias, {s.dInner});
    expect("A", in.A, {s.dInner, s.dState});
    expect("D", in.D, {s.dInner});
    expect("outBias", in.outBias, {s.dModel});
    expect("convState", in.convState, {s.batch, s.width - 1, s.dInner});
    expect("ssmState", in.ssmState, {s.batch, s.dInner, s.dState});
    const auto expectMatrix = [](const char* name, const PackedMatrix& matrix, int64_t rows,
                                 int64_t columns) {
        TORCH_CHECK(matrix.rows == rows && matrix.columns == columns, "mambaStep: ", name,
                    " must be [", rows, ", ", columns, "], got [", matrix.rows, ", ",
                    matrix.columns, "]");
    };
    expectMatrix("inProj", in.inProj, 2 * s.dInner, s.dModel);
    expectMatrix("xProj", in.xProj, s.dtRank + 2 * s.dState, s.dInner);
    expectMatrix("dtProj", in.dtProj, s.dInner, s.dtRank);
    expectMatrix("outProj", in.outProj, s.dModel, s.dInner);
    return s;
}

/// Vectors [batch, stride] in scratch memory, each padded with zeros to whole groups.
struct Rows {
    float* data = nullptr;
    int64_t stride = 0;
};

const float* dataOrNull(const at::Tensor& tensor)
{
    return tensor.defined() ? tensor.const_data_ptr<float>() : nullptr;
}

/// Weights of a layer from which another thread saves more time than waiting for it costs, above
/// all on a machine that has other things to do.
constexpr int64_t kWeightsPerThread = 500'000;

/// Threads for one layer.
int threadsFor(const Sizes& sizes)
{
    const int64_t weights = sizes.dInner * (3 * sizes.dModel + 2 * (sizes.dtRank + sizes.dState));
    return static_cast<int>(
        std::clamp<int64_t>(weights / kWeightsPerThread, 1, at::get_num_threads()));
}

/// One call of mambaStep(): what its threads share.
class LayerStep {
public:
    LayerStep(const MambaStepInputs& in, const Sizes& sizes, const at::Tensor& result)
        : m_in(in),
          m_s(sizes),
          m_threads(threadsFor(sizes)),
          m_result(result.mutable_data_ptr<float>())
    {
        const int64_t inner = roundedUp(m_s.dInner, kWeightGroup);
        const int64_t model = roundedUp(m_s.dModel, kWeightGroup);
        const int64_t rank = roundedUp(m_s.dtRank, kWeightGroup);
        const int64_t operands = m_s.dtRank + 2 * m_s.dState;
        const int64_t widest = std::max(inner, model);
        const int64_t own = m_s.batch * (model + rank) + codedVectorsSize(m_s.batch, widest);
        const int64_t shared = m_s.batch * (2 * m_s.dInner + 3 * inner + operands);
        // Zeros are the padding; one allocation a layer and token.
        m_memory = at::zeros({shared + m_threads * own}, at::kFloat);
        float* next = m_memory.mutable_data_ptr<float>();
        const auto take = [&](int64_t stride) {
            const Rows rows{next, stride};
            next += m_s.batch * stride;
            return rows;
        };
        m_uz = take(2 * m_s.dInner);
        m_u = take(inner);
        m_delta = take(inner);
        m_y = take(inner);
        m_operands = take(operands);
        m_own = next;
        m_ownSize = own;
        m_normed = {nullptr, model};
        m_dt = {nullptr, rank};
    }

    void run()
    {
        Parts inputs(m_s.dInner, kPart, m_threads);
        Parts operands(m_s.dtRank + 2 * m_s.dState, kPart, m_threads);
        Parts channels(m_s.dInner, kPart, m_threads);
        Parts outputs(m_s.dModel, kPart, m_threads);
#pragma omp parallel num_threads(m_threads)
        {
            float* own = m_own + omp_get_thread_num() * m_ownSize;
            const Rows normed{own, m_normed.stride};
            const Rows dt{own + m_s.batch * normed.stride, m_dt.stride};
            float* coded = dt.data + m_s.batch * dt.stride;

            for (int64_t b = 0; b < m_s.batch; ++b)
                normRow(m_in.x.const_data_ptr<float>() + b * m_s.dModel,
                        m_in.norm.const_data_ptr<float>(), static_cast<float>(m_in.normEpsilon),
                        m_s.dModel, normed.data + b * normed.stride);
            const GemvVectors toInner = vectors(m_in.inProj, normed, coded, m_uz);
            inputs.share([&](int64_t first, int64_t last) {
                multiply(m_in.inProj, m_in.inBias, toInner, first, last);
                multiply(m_in.inProj, m_in.inBias, toInner, m_s.dInner + first,
                         m_s.dInner + last);
                convStepChannels(convStep(), first, last);
            });
#pragma omp barrier
            const GemvVectors toOperands = vectors(m_in.xProj, m_u, coded, m_operands);
            operands.share([&](int64_t first, int64_t last) {
                multiply(m_in.xProj, {}, toOperands, first, last);
            });
#pragma omp barrier
            for (int64_t b = 0; b < m_s.batch; ++b)
                std::copy_n(m_operands.data + b * m_operands.stride, m_s.dtRank,
                            dt.data + b * dt.stride);
            const GemvVectors toDelta = vectors(m_in.dtProj, dt, coded, m_delta);
            channels.share([&](int64_t first, int64_t last) {
                multiply(m_in.dtProj, {}, toDelta, first, last);
                scanStepChannels(scanStep(), first, last);
            });
#pragma omp barrier
            const GemvVectors toModel = vectors(m_in.outProj, m_y, coded, {m_result, m_s.dModel});
            const float* x = m_in.x.const_data_ptr<float>();
            outputs.share([&](int64_t first, int64_t last) {
                multiply(m_in.outProj, m_in.outBias, toModel, first, last);
                for (int64_t b = 0; b < m_s.batch; ++b)
                    for (int64_t i = first; i < last; ++i)
                        m_result[b * m_s.dModel + i] += x[b * m_s.dModel + i];
            });
        }
    }

private:
    /// Arguments of a product; a thread's own memory takes the codes where the format wants them.
    GemvVectors vectors(const PackedMatrix& matrix, const Rows& x, float* coded,
                        const Rows& y) const
    {
        return {.x = x.data,
                .coded = matrix.scales.defined() ? codeVectors(x.data, m_s.batch, x.stride, coded)
                                                 : CodedVectors{},
                .y = y.data,
                .batch = m_s.batch,
                .columns = matrix.columns,
                .paddedColumns = x.stride,
                .rowCount = y.stride};
    }

    void multiply(const PackedMatrix& matrix, const at::Tensor& bias, const GemvVectors& vectors,
                  int64_t first, int64_t last) const
    {
        gemvRows(matrix, vectors, first, last);
        if (!bias.defined())
            return;
        const float* added = bias.const_data_ptr<float>();
        for (int64_t b = 0; b < m_s.batch; ++b)
            for (int64_t i = first; i < last; ++i)
                vectors.y[b * vectors.rowCount + i] += added[i];
    }

    ConvStep convStep() const
    {
        return {.batch = m_s.batch,
                .channels = m_s.dInner,
                .width = m_s.width,
                .x = m_uz.data,
                .xStride = m_uz.stride,
                .weight = m_in.convWeight.const_data_ptr<float>(),
                .bias = dataOrNull(m_in.convBias),
                .state = m_in.convState.mutable_data_ptr<float>(),
                .y = m_u.data,
                .yStride = m_u.stride};
    }

    ScanStepArguments<float> scanStep() const
    {
        ScanStepArguments<float> step;
        step.batch = m_s.batch;
        step.channels = m_s.dInner;
        step.states = m_s.dState;
        step.u = {m_u.data, m_u.stride, 0};
        step.delta = {m_delta.data, m_delta.stride, 0};
        step.z = {m_uz.data + m_s.dInner, m_uz.stride, 0};
        step.B = {m_operands.data + m_s.dtRank, m_operands.stride, 0};
        step.C = {m_operands.data + m_s.dtRank + m_s.dState, m_operands.stride, 0};
        step.A = m_in.A.const_data_ptr<float>();
        step.D = m_in.D.const_data_ptr<float>();
        step.deltaBias = m_in.dtBias.const_data_ptr<float>();
        step.state = m_in.ssmState.mutable_data_ptr<float>();
        step.y = m_y.data;
        step.yStride = m_y.stride;
        return step;
    }

    const MambaStepInputs& m_in;
    Sizes m_s;
    int m_threads;
    float* m_result;
    at::Tensor m_memory;
    Rows m_uz;       ///< [batch, 2 dInner]
    Rows m_u;        ///< [batch, dInner] after the convolution
    Rows m_delta;    ///< [batch, dInner]
    Rows m_y;        ///< [batch, dInner] after scan and gate
    Rows m_operands; ///< [batch, dtRank + 2 dState]
    Rows m_normed;   ///< a thread's own copy: its stride
    Rows m_dt;       ///< likewise
    float* m_own = nullptr;
    int64_t m_ownSize = 0;
};

} // namespace

at::Tensor mambaStep(const MambaStepInputs& inputs)
{
    const Sizes sizes = checkedSizes(inputs);
    at::Tensor result = at::empty(inputs.x.sizes(), inputs.x.options());
    LayerStep(inputs, sizes, result).run();
    return result;
}

} // namespace samba::kernels
