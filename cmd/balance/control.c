/* `emtool balance run --control`: orders over MQTT, and what Home Assistant is told about them. */
#include "base/error.h"
#include "cmd/balance/run.h"
#include "cmd/session/say.h"
#include "output/discovery_controls.h"

#define HOME_ASSISTANT "homeassistant"

enum { MODES = 16 };

/* Takes over an order that came. */
static void take(struct run *r, enum order order, int32_t value)
{
	struct text words = {0};

	r->orders.of[order] = value;
	order_write(&words, order, value);
	say_note("%s: %s %s", r->options.control, order_names[order], text_string(&words));
	text_free(&words);
}

static void on_event(void *context)
{
	struct run *r = context;
	struct orders given;
	unsigned fresh = order_link_take(&r->link, &given);

	r->orders = orders_present(&r->orders, &r->controller.balancer);
	for (unsigned i = 0; i < ORDERS; i++)
		if (fresh & 1U << i)
			take(r, (enum order)i, given.of[i]);
	if (!fresh) {
		control_tell(r);
		return;
	}
	orders_apply(&r->orders, &r->controller.balancer);
	run_ordered(r);
	saved_orders(r);
}

/* Number, select and switch beside the sensors of --mqtt-discovery, which belong to this device. */
static void announce(struct run *r)
{
	const char *modes[MODES + 1] = {0};
	const struct discovery_control rows[ORDERS] = {
		[ORDER_OVERRIDE] = {.platform = "number",
	                            .name = order_names[ORDER_OVERRIDE],
	                            .class = "current",
	                            .unit = "A",
	                            .most = decimal_i64(r->announced, -3),
	                            .step = decimal_i64(1, 0),
	                            .reset = "none"},
		[ORDER_MODE] = {.platform = "select",
	                        .name = order_names[ORDER_MODE],
	                        .options = modes},
		[ORDER_PAUSE] = {.platform = "switch", .name = order_names[ORDER_PAUSE]}};
	const struct discovery_controls controls = {
		HOME_ASSISTANT,
		"emtool_balance",
		r->link.prefix.data,
		r->link.availability.length ? r->link.availability.data : NULL,
		rows,
		ORDERS};
	struct text topic = {0}, payload = {0};

	for (size_t i = 0; i < MODES && order_modes[i].word; i++)
		modes[i] = order_modes[i].word;
	discovery_controls(&controls, &topic, &payload);
	order_link_announce(&r->link, text_string(&topic), &payload);
	text_free(&topic);
	text_free(&payload);
}

void control_tell(struct run *r)
{
	const struct balancer *b = &r->controller.balancer;
	struct orders present = orders_present(&r->orders, b);
	bool again;

	if (!r->link.mqtt)
		return;
	again = order_link_again(&r->link);
	if (r->options.balance.reading.mqtt_discovery && r->link.ever &&
	    (again || r->announced != b->settings.max_current)) {
		r->announced = b->settings.max_current;
		announce(r);
	}
	order_link_tell(&r->link, &present, again);
}

int control_open(struct run *r)
{
	const char *url = r->options.control;
	const struct order_link_options options = {
		.url = url,
		.presence = r->options.balance.reading.mqtt_discovery ? HOME_ASSISTANT "/status"
	                                                              : NULL,
		.event = on_event,
		.context = r};
	char problem[256];
	int error = url ? order_link_open(&r->link, loop_uv(r->session.loop), &options, problem,
	                                  sizeof problem)
	                : 0;

	if (!error)
		return EXIT_OK;
	if (error == EM_SYNTAX || error == EM_RANGE)
		return say_usage("--control: %s: %s", url, problem);
	say_error("--control: %s: %s", url, problem);
	return error == EM_UNSUPPORTED ? EXIT_USAGE : EXIT_LOCAL;
}

void control_close(struct run *r)
{
	order_link_close(&r->link);
}
