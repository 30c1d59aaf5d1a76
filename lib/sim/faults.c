#include "sim/faults.h"

bool sim_chance(struct random *random, double share)
{
	return share > 0 && random_unit(random) < share;
}

void sim_spoil(struct sim_faults *f, void *data, size_t size)
{
	if (size && sim_chance(&f->random, f->corrupt))
		((unsigned char *)data)[random_below(&f->random, size)] ^=
			(unsigned char)(1u << random_below(&f->random, 8));
}

size_t sim_cut(struct sim_faults *f, size_t size)
{
	return sim_chance(&f->random, f->truncate) && size ? random_below(&f->random, size) : size;
}
