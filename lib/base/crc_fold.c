#include "base/crc_fold.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>

/*
 * Four lanes of 16 bytes each are moved ahead by 64 bytes a step: a lane is the polynomial
 * H(x) x^64 + L(x), and H x^(64 + n) + L x^n modulo the CRC's polynomial is two multiplications by
 * constants. In the end 16 bytes are left that have the same CRC as all of the data. The constants
 * are x^(n + 63) and x^(n - 1), bits reversed: a product of reversed factors comes out times x.
 */
#define FOLD_64 _mm_set_epi64x((long long)0x8101000000000000ull, (long long)0xc450000000000000ull)
#define FOLD_16 _mm_set_epi64x((long long)0xc100000000000000ull, (long long)0xccd0000000000000ull)

__attribute__((target("pclmul,sse2"))) static inline __m128i fold(__m128i lane, __m128i constants,
                                                                  __m128i next)
{
	__m128i high = _mm_clmulepi64_si128(lane, constants, 0x00);
	__m128i low = _mm_clmulepi64_si128(lane, constants, 0x11);

	return _mm_xor_si128(_mm_xor_si128(high, low), next);
}

static inline __m128i load(const uint8_t *p)
{
	return _mm_loadu_si128((const __m128i *)(const void *)p);
}

__attribute__((target("pclmul,sse2"))) static uint16_t fold_all(uint16_t crc, const uint8_t *data,
                                                                size_t size, crc_finish *finish)
{
	const uint8_t *p = data, *end = data + size;
	__m128i a = _mm_xor_si128(load(p), _mm_cvtsi32_si128(crc)), b = load(p + 16);
	__m128i c = load(p + 32), d = load(p + 48);
	uint8_t rest[16];

	for (p += 64; end - p >= 64; p += 64) {
		a = fold(a, FOLD_64, load(p));
		b = fold(b, FOLD_64, load(p + 16));
		c = fold(c, FOLD_64, load(p + 32));
		d = fold(d, FOLD_64, load(p + 48));
	}
	b = fold(a, FOLD_16, b);
	c = fold(b, FOLD_16, c);
	d = fold(c, FOLD_16, d);
	for (; end - p >= 16; p += 16)
		d = fold(d, FOLD_16, load(p));
	_mm_storeu_si128((__m128i *)(void *)rest, d);
	return finish(finish(0, rest, sizeof rest), p, (size_t)(end - p));
}

uint16_t crc_fold_8005(uint16_t crc, const uint8_t *data, size_t size, crc_finish *finish)
{
	if (size < CRC_FOLD_LEAST || !__builtin_cpu_supports("pclmul"))
		return finish(crc, data, size);
	return fold_all(crc, data, size, finish);
}

#else

uint16_t crc_fold_8005(uint16_t crc, const uint8_t *data, size_t size, crc_finish *finish)
{
	return finish(crc, data, size);
}

#endif
