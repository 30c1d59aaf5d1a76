/*
 * FNV-1a for tables in memory: short keys, no need for strength. Where a stranger chooses the keys,
 * begin with the start value XOR a random salt.
 */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define FNV32_START UINT32_C(2166136261)
#define FNV64_START UINT64_C(14695981039346656037)

/* Continues a hash over more bytes; the first call passes the start value. */
static inline uint32_t fnv32(uint32_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT32_C(16777619);
	return hash;
}

static inline uint64_t fnv64(uint64_t hash, const void *data, size_t size)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	return hash;
}

#endif
