import ArgumentParser
import Glibc
import Treeline

prepareProcess()
exit(runProgram(arguments: argumentsAsText()).rawValue)
