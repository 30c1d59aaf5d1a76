/*
 * Model definitions in the JSON form of the SunSpec Alliance (model_103.json): one model, or an
 * array of them.
 */
#ifndef PROTOCOL_SUNSPEC_JSON_H
#define PROTOCOL_SUNSPEC_JSON_H

#include "protocol/sunspec/builder.h"

#define JSON_WHY 160

/*
 * Gives what the text defines to a builder. 0, or EM_SYNTAX with the reason in `why`; what the
 * builder itself refuses is told by builder_finish().
 */
int sunspec_json(struct builder *b, const char *text, size_t length, char why[JSON_WHY]);

#endif
