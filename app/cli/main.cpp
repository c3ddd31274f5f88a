#include "app/cli/program.h"

int main(int argc, char** argv)
{
    return samba::cli::runProgram(argc, argv);
}
