/* The version of the library, which is that of the program emtool. */
#ifndef EMTOOL_VERSION_H
#define EMTOOL_VERSION_H

#ifdef __cplusplus
extern "C" {
#endif

/* "0.2.0": major, minor, patch (Semantic Versioning); a constant string. */
const char *emtool_version(void);

#ifdef __cplusplus
}
#endif

#endif
