#pragma once

#include "engine/api/config.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samba {

/// The parts of a corpus. Test is what neither training nor the choice of a checkpoint sees.
enum class Split { Train, Validation, Test };

/// "train", "validation" or "test".
const char* splitName(Split split);

/// The split of this name. @throws Error  InvalidArgument, naming the three, for any other.
Split splitOf(std::string_view name);

/// A run of text from a corpus: a whole document, or a part of a long one.
struct DocumentPiece {
    std::string text;
    bool endsDocument = true; ///< false: the next piece goes on with the same document
};

/// Reads a split from beginning to end, holding one piece at a time in memory.
/// Thread: one at a time.
class DocumentSource {
public:
    virtual ~DocumentSource() = default;

    /// The next piece, or nothing at the end. Only plain text files and Parquet files of lines give
    /// documents in several pieces (of about 1 MiB, cut before a line end that follows a visible
    /// character, which is a place where a GPT-2 style tokenizer cuts in any case; the pieces
    /// joined are the document, byte for byte). Documents are never empty.
    /// @throws Error  File if a file cannot be read; Format, naming file and line, for a line that
    ///                is not what it should be.
    virtual std::optional<DocumentPiece> next() = 0;

    /// Bytes read so far, of about sizeBytes(): for progress.
    virtual uint64_t readBytes() const = 0;

    /// The bytes that will be read in all; approximate where nothing better is known.
    virtual uint64_t sizeBytes() const = 0;
};

/// Opens one split of a corpus.
///
/// `dataset.name` is one of
/// - `stories`: the built-in stories. Their validation split holds combinations of characters,
///   places and things that the training split does not have.
/// - a text file (.txt, .raw, .text): a line that holds only `<|endoftext|>` ends a document; that
///   line and the line end before it belong to no document. A file without such a line is one
///   document.
/// - a JSON-lines file (.jsonl, .ndjson): one object a line, whose member `dataset.text_field` is
///   the document. Blank lines are passed over.
/// - a Parquet file (.parquet): the column `dataset.text_field`, or where there is no column `text`
///   the only one with strings, holds a document a row; empty rows are passed over. In a folder
///   whose name begins with `wikitext-`, as the configurations of WikiText are called, a row is a
///   line and the file is one document, byte for byte the published raw file.
/// - a folder: all such files in it and below, sorted by path.
///
/// Where the validation split comes from, the first that applies:
/// 1. `dataset.validation`, a file or folder;
/// 2. in a folder, the files whose path below it has the word `valid`, `validation`, `val` or `dev`
///    (words being runs of letters and digits), else those with the word `test`; the training split
///    is then the files with the word `train`, or all that have none of these words. Files with the
///    word `test` never take part in training;
/// 3. beside a file whose name has the word `train`, the file of the same name with `valid`,
///    `validation`, `val`, `dev` or `test` in its place;
/// 4. `dataset.validation_fraction` f of the documents: document i (from 0) is a validation one if
///    floor((i + 1) f + 1/2) > floor(i f + 1/2), so that they lie evenly and the rest is the
///    training split. A text file that is one document gives up its last part instead, from the
///    first line end after (1 - f) of its bytes; in a folder of at least 2 / f such files they
///    count as documents again.
/// With a fraction of 0 the training split is everything and there is no validation split.
/// The test split is the files with the word `test`, or the one beside a file with `train`; it is
/// never cut off.
///
/// A byte order mark at the beginning of a file is left out.
///
/// @throws Error  Config if the name means nothing here (data sets by published name have to lie in
///                a local file or folder) or a split has nothing in it; File if a file cannot be
///                read.
std::unique_ptr<DocumentSource> openDocuments(const DatasetConfig& dataset, Split split);

/// Whether the corpus has this split by the rules of openDocuments().
/// @throws Error  as openDocuments(), but not for a missing split.
bool hasSplit(const DatasetConfig& dataset, Split split);

/// The splits of the corpus in their usual order; always with the training split. Errors as
/// hasSplit().
std::vector<Split> splitsOf(const DatasetConfig& dataset);

/// A string that changes when the content of a split changes: paths, sizes, times of change and a
/// hash of sampled blocks of every file with the rule that makes the split; for the built-in
/// stories the generator's version. Errors as openDocuments().
std::string corpusIdentity(const DatasetConfig& dataset, Split split);

} // namespace samba
