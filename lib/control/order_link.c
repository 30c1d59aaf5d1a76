#include "control/order_link.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/news.h"
#include "base/wipe.h"

enum {
	GOODBYE = 150, /* ms for the last answers */
	WAITING =
		8 /* answers that wait for the broker: then no more are given before it takes them */
};

/* ---- on the thread of the connection ---- */

/* The words that an order takes, in a message. */
static void say_words(const struct order_link *l, enum order order, const char *words, size_t size)
{
	struct text taken = {0};

	order_words(&taken, order);
	news(NEWS_WARNING, "%s/%s/set: '%.*s' is not understood: %s", l->prefix.data,
	     order_names[order], size > ORDER_TEXT ? ORDER_TEXT : (int)size, size ? words : "",
	     text_string(&taken));
	text_free(&taken);
}

static void take(struct order_link *l, enum order order, const char *words, size_t size)
{
	unsigned bit = 1U << order;
	int32_t value;

	if (size > ORDER_TEXT || order_read(order, words, size, &value)) {
		if (!(l->said & bit))
			say_words(l, order, words, size);
		l->said |= bit;
		return;
	}
	l->said &= ~bit;
	pthread_mutex_lock(&l->lock);
	l->given.of[order] = value;
	l->fresh |= bit;
	pthread_mutex_unlock(&l->lock);
	uv_async_send(&l->arrived);
}

/* The order of a topic PREFIX/NAME/set, ORDERS for another one. */
static enum order order_of(const struct order_link *l, const char *topic)
{
	static const char end[] = "/set";
	size_t length = strlen(topic), before = l->prefix.length + 1;

	return length < before + sizeof end - 1
	               ? ORDERS
	               : order_named(topic + before, length - before - (sizeof end - 1));
}

static void say_stranger(struct order_link *l, const char *topic)
{
	if (!l->stranger_said)
		news(NEWS_WARNING, "%s: no such order; there are %s, %s and %s", topic,
		     order_names[ORDER_OVERRIDE], order_names[ORDER_MODE],
		     order_names[ORDER_PAUSE]);
	l->stranger_said = true;
}

static void tell_again(struct order_link *l)
{
	atomic_store(&l->again, true);
	uv_async_send(&l->arrived);
}

static void on_message(void *context, const char *topic, const void *payload, size_t size)
{
	struct order_link *l = context;
	enum order order = order_of(l, topic);

	if (l->options.presence && !strcmp(topic, l->options.presence)) {
		if (size == 6 && !memcmp(payload, "online", 6))
			tell_again(l);
	} else if (order == ORDERS) {
		say_stranger(l, topic);
	} else {
		take(l, order, payload, size);
	}
}

static void on_retained(void *context, const char *topic)
{
	struct order_link *l = context;

	if (l->retained_said || (l->options.presence && !strcmp(topic, l->options.presence)))
		return;
	news(NEWS_WARNING,
	     "%s: a retained message is ignored, because it may be old; publish orders without retain",
	     topic);
	l->retained_said = true;
}

static void on_connected(void *context)
{
	tell_again(context);
}

/* ---- in the loop ---- */

static void on_arrived(uv_async_t *handle)
{
	struct order_link *l = handle->data;

	l->options.event(l->options.context);
}

unsigned order_link_take(struct order_link *l, struct orders *orders)
{
	unsigned fresh;

	pthread_mutex_lock(&l->lock);
	fresh = l->fresh;
	l->fresh = 0;
	for (unsigned i = 0; i < ORDERS; i++)
		if (fresh & 1U << i)
			orders->of[i] = l->given.of[i];
	pthread_mutex_unlock(&l->lock);
	return fresh;
}

/* While the broker is away only a few answers wait: the present ones follow when it is back. */
static bool has_room(const struct order_link *l)
{
	return mqtt_pending(l->mqtt) < WAITING;
}

bool order_link_again(struct order_link *l)
{
	bool again = has_room(l) && atomic_exchange(&l->again, false);

	l->ever |= again;
	return again;
}

static void answer(struct order_link *l, enum order order, int32_t value)
{
	struct text topic = {0}, words = {0};

	text_printf(&topic, "%s/%s", l->prefix.data, order_names[order]);
	order_write(&words, order, value);
	text_string(&topic);
	if (!topic.failed && !words.failed &&
	    !mqtt_publish(l->mqtt, topic.data, words.data, words.length, true))
		l->told.of[order] = value;
	text_free(&topic);
	text_free(&words);
}

void order_link_tell(struct order_link *l, const struct orders *present, bool all)
{
	if (!l->ever || (!all && !has_room(l)))
		return;
	for (unsigned i = 0; i < ORDERS; i++)
		if (all || present->of[i] != l->told.of[i])
			answer(l, (enum order)i, present->of[i]);
}

void order_link_announce(struct order_link *l, const char *topic, const struct text *payload)
{
	if (!payload->failed)
		mqtt_publish(l->mqtt, topic, payload->data, payload->length, true);
}

static int check_url(const struct url *u, char *problem, size_t size)
{
	const char *unknown = url_unknown_option(u, MQTT_URL_OPTIONS "|availability");

	if (strcmp(u->scheme, "mqtt") && strcmp(u->scheme, "mqtts"))
		snprintf(problem, size, "not an mqtt:// or mqtts:// URL");
	else if (unknown)
		snprintf(problem, size, "unknown option '%s'", unknown);
	else if (url_flag(u, "session"))
		snprintf(problem, size, "session: orders from before a connection are not taken");
	else if (!u->path[strspn(u->path, "/")] || strpbrk(u->path, "+#[]"))
		snprintf(problem, size, "the topic is missing, or has a wildcard or brackets");
	else
		return 0;
	return EM_SYNTAX;
}

/* The topics of the prefix, without a slash at its end. */
static int make_topics(struct order_link *l)
{
	const char *availability = url_option(&l->url, "availability");
	size_t length = strlen(l->url.path);

	while (l->url.path[length - 1] == '/')
		length--;
	text_add(&l->prefix, l->url.path, length);
	text_printf(&l->pattern, "%s/+/set", text_string(&l->prefix));
	if (!availability || url_flag(&l->url, "availability"))
		text_printf(&l->availability, "%s/availability", text_string(&l->prefix));
	text_string(&l->pattern);
	text_string(&l->availability);
	return l->prefix.failed || l->pattern.failed || l->availability.failed ? EM_NO_MEMORY : 0;
}

static int connect_to(struct order_link *l, char *problem, size_t size)
{
	struct mqtt_settings s;
	char password[256];
	int error = mqtt_settings(&s, &l->url, password, problem, size);

	if (!error) {
		s.live = true;
		s.availability = l->availability.length ? l->availability.data : NULL;
		s.subscriptions[0] = l->pattern.data;
		s.subscriptions[1] = l->options.presence;
		s.connected = on_connected;
		s.message = on_message;
		s.retained = on_retained;
		s.context = l;
		error = mqtt_open(&l->mqtt, &s, problem, size);
	}
	wipe(password, sizeof password);
	return error;
}

static void release(struct order_link *l)
{
	l->mqtt = NULL;
	uv_close((uv_handle_t *)&l->arrived, NULL);
	text_free(&l->prefix);
	text_free(&l->pattern);
	text_free(&l->availability);
	url_free(&l->url);
}

static int open_url(struct order_link *l, char *problem, size_t size)
{
	int error = url_parse(&l->url, l->options.url);

	snprintf(
		problem, size, "%s",
		error == EM_UNSUPPORTED
			? "a password in the URL is visible to everybody: use EMTOOL_MQTT_PASSWORD_FILE"
			: error_text(error ? error : EM_NO_MEMORY));
	if (error == EM_UNSUPPORTED)
		return EM_SYNTAX;
	if (!error)
		error = check_url(&l->url, problem, size);
	if (!error)
		error = make_topics(l);
	return error ? error : connect_to(l, problem, size);
}

int order_link_open(struct order_link *l, uv_loop_t *loop, const struct order_link_options *options,
                    char *problem, size_t size)
{
	int error;

	*l = (struct order_link){.options = *options, .told = orders_none()};
	pthread_mutex_init(&l->lock, NULL);
	uv_async_init(loop, &l->arrived, on_arrived);
	l->arrived.data = l;
	uv_unref((uv_handle_t *)&l->arrived); /* it keeps no loop running */
	error = open_url(l, problem, size);
	if (error)
		release(l);
	return error;
}

void order_link_close(struct order_link *l)
{
	char problem[200];

	if (!l->mqtt)
		return;
	mqtt_close(l->mqtt, GOODBYE, problem, sizeof problem);
	release(l);
}
