/*
 * Model definitions in the JSON form of the SunSpec Alliance (model_103.json): one model, or an
 * array of them.
 */
#ifndef PROTOCOL_SUNSPEC_JSON_H
#define PROTOCOL_SUNSPEC_JSON_H

#include "protocol/sunspec/builder.h"

#define JSON_WHY 160

/*
 * Passes the definitions in the text to a builder. Returns 0, or EM_SYNTAX with the reason in
 * `why`; builder_finish() returns errors of the builder itself.
 */
int sunspec_json(struct builder *b, const char *text, size_t length, char why[JSON_WHY]);

#endif
