#include "engine/api/error.h"
#include "engine/text/parquet_reader.h"
#include "tests/fuzz/fuzz_support.h"

namespace {

/// A hostile file may claim more rows than anybody wants to wait for.
constexpr int kMostPieces = 4096;

void read(const samba::CorpusFile& file, samba::ParquetReader::Rows rows)
{
    try {
        samba::ParquetReader reader(file, "text", rows);
        for (int piece = 0; piece < kMostPieces; ++piece) {
            if (!reader.next())
                break;
            samba::fuzz::require(reader.readBytes() <= reader.sizeBytes());
        }
    } catch (const samba::Error& error) {
        samba::fuzz::require(error.kind() == samba::ErrorKind::Format);
    } catch (const std::bad_alloc&) {
        // A page may claim to be larger than memory.
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static samba::fuzz::InputFile input;
    input.fill(samba::fuzz::textOf(data, size));
    const samba::CorpusFile file{input.path(), samba::CorpusFormat::Parquet, 0, size, false};
    read(file, samba::ParquetReader::Rows::Documents);
    read(file, samba::ParquetReader::Rows::Lines);
    return 0;
}
