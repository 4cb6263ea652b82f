// All of CLinux is inline; a target needs one file to compile.
#include "CLinux.h"
