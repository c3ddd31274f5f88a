#pragma once

namespace samba {
class Tokenizer;
}

namespace samba::cli {

class Output;

// From standard input to standard output through a tokenizer. All throw Error Format, naming the
// line or the word, for input that is not what it should be; and OutputClosed.

/// The whole input is one text; its ids on one line, separated by blanks.
void encodeText(const Tokenizer& tokenizer, Output& output);

/// Ids separated by blanks or line ends become their text, nothing added to it.
void decodeText(const Tokenizer& tokenizer, Output& output);

/// One JSON string a line becomes one JSON array of ids a line.
void encodeJsonLines(const Tokenizer& tokenizer, Output& output);

/// One JSON array of ids a line becomes one JSON string a line.
void decodeJsonLines(const Tokenizer& tokenizer, Output& output);

} // namespace samba::cli
