/* JSON, one object per line (NDJSON). */
#include "record/json.h"
#include "output/output.h"

void format_json(struct text *out, struct format_state *state, const struct record *r)
{
	record_json(out, r, state->style.units);
	text_char(out, '\n');
}
