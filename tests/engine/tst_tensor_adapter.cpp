#include "engine/io/safetensors.h"
#include "engine/io/tensor_adapter.h"
#include "engine/io/tensor_store.h"
#include "tests/support/error_check.h"
#include "tests/support/fixtures.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/tensor_compare.h"
#include "tests/support/zip_builder.h" // littleEndian

#include <ATen/TensorOperators.h>
#include <ATen/Functions.h>
#include <QTest>

#include <array>

using namespace samba;
using namespace samba::test;

class TestTensorAdapter : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void mapsEveryDTypeBothWays();
    void refusesTypesThatFilesLack();
    void tensorSharesTheMappedBytes();
    void tensorKeepsTheFileMapped();
    void stridedViewHasTheRightValues();
    void unalignedDataIsCopied();
    void emptyAndScalarTensors();
    void roundTripsTensorsOfEveryLayout();
    void publishedLayoutsGiveTheSameTensors();
};

void TestTensorAdapter::mapsEveryDTypeBothWays()
{
    for (int i = 0; i <= static_cast<int>(DType::BOOL); ++i) {
        const auto dtype = static_cast<DType>(i);
        QVERIFY(toDType(toScalarType(dtype)) == dtype);
        QCOMPARE(c10::elementSize(toScalarType(dtype)), dtypeSize(dtype));
    }
}

void TestTensorAdapter::refusesTypesThatFilesLack()
{
    const auto error = errorOf([] { toDType(at::kComplexFloat); });
    QVERIFY(error);
    QVERIFY(error->kind() == ErrorKind::InvalidArgument);
}

void TestTensorAdapter::tensorSharesTheMappedBytes()
{
    const auto file =
        SafetensorsFile::open(dataPath("models/mamba1-a/hf-safetensors/model.safetensors"));
    const TensorView* view = file.find("backbone.norm_f.weight");
    QVERIFY(view != nullptr);
    const at::Tensor tensor = toTensor(*view);
    QCOMPARE(tensor.const_data_ptr(), static_cast<const void*>(view->bytes.data()));
    QCOMPARE(tensor.sizes().vec(), view->shape);
    QVERIFY(tensor.scalar_type() == at::kFloat);
}

void TestTensorAdapter::tensorKeepsTheFileMapped()
{
    const TemporaryFolder folder;
    const at::Tensor wanted = at::arange(1000, at::kFloat);
    saveSafetensors(folder / "t.safetensors", {{"t", wanted}});
    const at::Tensor got = toTensor(*SafetensorsFile::open(folder / "t.safetensors").find("t"));
    std::filesystem::remove(folder / "t.safetensors");
    SAMBA_COMPARE_TENSORS(got, wanted);
}

void TestTensorAdapter::stridedViewHasTheRightValues()
{
    const at::Tensor matrix = at::arange(6, at::kFloat).view({2, 3});
    TensorView view;
    view.shape = {3, 2};
    view.strides = {1, 3};
    view.bytes = {static_cast<const std::byte*>(matrix.const_data_ptr()), matrix.nbytes()};
    SAMBA_COMPARE_TENSORS(toTensor(view), matrix.t());
}

void TestTensorAdapter::unalignedDataIsCopied()
{
    // A header that is not padded: the first tensor begins at an odd address.
    std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                         R"("t":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}})";
    header.append((8 - header.size() % 8) % 8, ' ');
    const std::array<float, 2> values = {1.5F, -2.0F};
    std::string content = littleEndian(header.size(), 8) + header + 'x';
    content.append(reinterpret_cast<const char*>(values.data()), sizeof(values));
    const TemporaryFolder folder;
    writeFile(folder / "t.safetensors", content);

    const auto file = SafetensorsFile::open(folder / "t.safetensors");
    const TensorView& view = *file.find("t");
    QVERIFY(reinterpret_cast<std::uintptr_t>(view.bytes.data()) % alignof(float) != 0);
    const at::Tensor tensor = toTensor(view);
    QVERIFY(reinterpret_cast<std::uintptr_t>(tensor.const_data_ptr()) % alignof(float) == 0);
    SAMBA_COMPARE_TENSORS(tensor, at::tensor({1.5F, -2.0F}));
}

void TestTensorAdapter::emptyAndScalarTensors()
{
    const TemporaryFolder folder;
    saveSafetensors(folder / "t.safetensors",
                    {{"scalar", at::scalar_tensor(2.5, at::kDouble)}, {"none", at::empty({3, 0})}});
    const auto file = SafetensorsFile::open(folder / "t.safetensors");
    const at::Tensor scalar = toTensor(*file.find("scalar"));
    QCOMPARE(scalar.dim(), std::int64_t{0});
    QCOMPARE(scalar.item<double>(), 2.5);
    QCOMPARE(toTensor(*file.find("none")).sizes().vec(), (std::vector<std::int64_t>{3, 0}));
}

void TestTensorAdapter::roundTripsTensorsOfEveryLayout()
{
    const at::Tensor base = at::arange(24, at::kFloat).view({2, 3, 4});
    const NamedTensors tensors = {
        {"contiguous", base},
        {"transposed", base.transpose(0, 2)},
        {"sliced", base.slice(2, 1, 3)},
        {"expanded", base.slice(0, 0, 1).expand({5, 3, 4})},
        {"half", base.to(at::kHalf)},
        {"bfloat16", base.to(at::kBFloat16)},
        {"double", base.to(at::kDouble) / 3},
        {"long", base.to(at::kLong)},
        {"bool", base.gt(7)},
        {"with gradient", base.clone().set_requires_grad(true)},
    };
    const TemporaryFolder folder;
    saveSafetensors(folder / "t.safetensors", tensors, {{"step", "3"}});
    const auto file = SafetensorsFile::open(folder / "t.safetensors");
    QCOMPARE(file.metadata().at("step"), std::string("3"));
    QCOMPARE(file.tensors().size(), tensors.size());
    for (const auto& [name, wanted] : tensors) {
        const at::Tensor got = toTensor(*file.find(name));
        QVERIFY(got.scalar_type() == wanted.scalar_type());
        SAMBA_COMPARE_TENSORS(got, wanted);
    }
}

void TestTensorAdapter::publishedLayoutsGiveTheSameTensors()
{
    const auto models = dataPath("models/mamba1-a");
    const TensorStore safetensors = TensorStore::openFolder(models / "hf-safetensors");
    const TensorStore pickled = TensorStore::openFolder(models / "original");
    const std::string name = "backbone.layers.3.mixer.conv1d.weight";
    const at::Tensor got = toTensor(*pickled.find(name));
    QCOMPARE(got.sizes().vec(), (std::vector<std::int64_t>{128, 1, 4}));
    SAMBA_COMPARE_TENSORS(got, toTensor(*safetensors.find(name)));
    QVERIFY(got.abs().max().item<float>() > 0.0F);
}

QTEST_GUILESS_MAIN(TestTensorAdapter)
#include "tst_tensor_adapter.moc"
