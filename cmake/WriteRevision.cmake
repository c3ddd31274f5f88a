# Writes OUTPUT, a header with the revision of the sources in SOURCE_DIR, if it has changed.
# Run as a script at every build: the configuration alone would not notice a new commit.

set(revision "")
execute_process(COMMAND git describe --always --dirty --abbrev=12
                WORKING_DIRECTORY "${SOURCE_DIR}" OUTPUT_VARIABLE revision
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
set(text "#define SAMBA_REVISION \"${revision}\"\n")
set(written "")
if(EXISTS "${OUTPUT}")
    file(READ "${OUTPUT}" written)
endif()
if(NOT text STREQUAL written)
    file(WRITE "${OUTPUT}" "${text}")
endif()
