#pragma once

#include "engine/api/error.h"

#include <optional>

namespace samba::test {

/// The samba::Error that `call` throws, nothing if it returns. Other exceptions pass through and
/// fail the test.
///
///     const auto error = errorOf([&] { SafetensorsFile::open(path); });
///     QVERIFY(error);
///     QCOMPARE(error->kind(), ErrorKind::Format);
template <typename Call>
std::optional<Error> errorOf(Call&& call)
{
    try {
        call();
    } catch (const Error& error) {
        return error;
    }
    return std::nullopt;
}

} // namespace samba::test
