/*
 * The reader of pushes as its users see it: refusals with their meter, keys, silence, and an end
 * before the end. What meters send and what damage does stands in test_push.c and test_push_damage.c.
 */
#include "tests/unit/push_bench.h"

struct told {
	enum refusal refusal;
	char text[SEAL_TEXT];
	bool has_seal, key_known, authenticated;
	size_t records, refusals;
};

static void on_record(void *context, struct record *r, const struct seal *seal)
{
	struct told *t = context;

	assert_int_equal(r->time, 1234);
	t->has_seal = seal != NULL;
	t->authenticated = seal && seal->authenticated;
	t->records++;
}

static void on_refused(void *context, enum refusal refusal, const char *text,
                       const struct seal *seal)
{
	struct told *t = context;

	t->refusal = refusal;
	snprintf(t->text, sizeof t->text, "%s", text);
	t->has_seal = seal != NULL;
	t->key_known = seal && seal->key_known;
	t->refusals++;
}

/* Feeds a push of this meter to a reader whose keyring it is. */
static struct told read_push(const struct text *bytes, const struct glo_keyring *ring, bool require)
{
	struct seals seals = {.keys = ring, .require_authentication = require};
	struct told told = {0};
	struct push_decoder *decoder = push_decoder_new(&seals);
	struct push_reader *reader = push_reader_new(
		decoder, &(struct push_events){on_record, on_refused, &told});

	assert_int_equal(push_reader_feed(reader, 1234, bytes->data, bytes->length), 0);
	assert_int_equal(push_reader_end(reader, 1234), 0);
	assert_int_equal(push_reader_counts(reader)->pushes, told.records);
	if (told.refusals)
		assert_int_equal(push_reader_counts(reader)->refused[told.refusal], told.refusals);
	push_reader_free(reader);
	push_decoder_free(decoder);
	seals_free(&seals);
	return told;
}

static struct told read_with(const char *meter, const uint8_t *encryption,
                             const uint8_t *authentication, bool require)
{
	struct text bytes = {0};
	struct glo_keyring ring = {0};
	struct told told;

	make(&bytes, meter_model_find(meter), 1);
	if (encryption)
		assert_int_equal(glo_keyring_add(&ring, NULL, encryption, authentication), 0);
	told = read_push(&bytes, &ring, require);
	glo_keyring_free(&ring);
	text_free(&bytes);
	return told;
}

static void keys(void **state)
{
	struct told t;

	(void)state;
	t = read_with("landis", key, lock, true);
	assert_int_equal(t.records, 1);
	assert_true(t.has_seal && t.authenticated);
	t = read_with("landis", key, key, false);
	assert_int_equal(t.refusal, REFUSED_AUTH_FAILED);
	assert_true(t.key_known);
	t = read_with("landis", lock, lock, false);
	assert_int_equal(t.refusal, REFUSED_WRONG_KEY);
	assert_string_equal(t.text,
	                    "meter 4B464D67507E682A, counter 1: the encryption key does not "
	                    "fit this push");
	t = read_with("landis", NULL, NULL, false);
	assert_int_equal(t.refusal, REFUSED_WRONG_KEY);
	assert_true(t.has_seal && !t.key_known);
	t = read_with("evn", key, NULL, true); /* its pushes have no tag */
	assert_int_equal(t.refusal, REFUSED_AUTH_FAILED);
	t = read_with("evn", key, NULL, false);
	assert_int_equal(t.records, 1);
	assert_false(t.authenticated);
}

/* A push that was cut is lost once the line is silent; the next one is read. */
static void silence(void **state)
{
	struct text bytes = {0};
	struct told told = {0};
	struct push_reader *reader = push_reader_new(
		b.decoder, &(struct push_events){on_record, on_refused, &told});

	(void)state;
	fresh();
	make(&bytes, meter_model_find("evn"), 1);
	assert_int_equal(push_reader_feed(reader, 1234, bytes.data, bytes.length / 3), 0);
	assert_int_equal(told.refusals, 0);
	assert_int_equal(push_reader_idle(reader, 1234), 0);
	assert_int_equal(told.refusal, REFUSED_TRUNCATED);
	assert_false(told.has_seal);
	assert_int_equal(push_reader_idle(reader, 1234), 0);
	assert_int_equal(told.refusals, 1);
	assert_int_equal(push_reader_feed(reader, 1234, bytes.data, bytes.length), 0);
	assert_int_equal(told.records, 1);
	push_reader_free(reader);
	text_free(&bytes);
}

/* What comes after the user had enough is no replay when it is read again. */
static void stopped(void **state)
{
	struct text bytes = {0};
	struct told told = {0};
	struct seals seals = {.keys = &b.ring};
	struct push_decoder *decoder = push_decoder_new(&seals);
	struct push_reader *reader = push_reader_new(
		decoder, &(struct push_events){on_record, on_refused, &told});

	(void)state;
	make(&bytes, meter_model_find("evn"), 1);
	push_decoder_stop(decoder);
	assert_int_equal(push_reader_feed(reader, 1234, bytes.data, bytes.length), 0);
	assert_int_equal(told.records + told.refusals, 0);
	assert_int_equal(seals.counters.count, 0);
	push_reader_free(reader);
	push_decoder_free(decoder);
	seals_free(&seals);
	text_free(&bytes);
}

/* Two connections to one meter share the counters: what comes on both is one push. */
static void two_connections(void **state)
{
	struct text bytes = {0};
	struct told told = {0};
	const struct push_events to_us = {on_record, on_refused, &told};
	struct push_reader *one = push_reader_new(b.decoder, &to_us);
	struct push_reader *two = push_reader_new(b.decoder, &to_us);

	(void)state;
	fresh();
	make(&bytes, meter_model_find("evn"), 1);
	assert_int_equal(push_reader_feed(one, 1234, bytes.data, bytes.length), 0);
	assert_int_equal(push_reader_feed(two, 1234, bytes.data, bytes.length), 0);
	assert_int_equal(told.records, 1);
	assert_int_equal(told.refusal, REFUSED_REPLAY);
	assert_int_equal(push_reader_counts(two)->refused[REFUSED_REPLAY], 1);
	push_reader_free(one);
	push_reader_free(two);
	text_free(&bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys),
		cmocka_unit_test(silence),
		cmocka_unit_test(stopped),
		cmocka_unit_test(two_connections),
	};

	return cmocka_run_group_tests_name("push_reader", tests, set_up, tear_down);
}
