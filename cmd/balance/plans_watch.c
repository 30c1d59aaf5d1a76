/*
 * Reads the files of plans again when they change, as a cron job makes them. The reading happens on a
 * thread, because a file may be on a disk that does not answer, and the controller must go on.
 */
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "cmd/balance/plan_files.h"
#include "cmd/session/say.h"
#include "io/loop.h"

enum { PERIOD = 10000 /* ms */ };

/* Whether the file is another one than before; one that is not there has not changed. */
static bool has_changed(struct plan_file *known, const char *path)
{
	struct stat st;
	struct plan_file now;

	if (!path || stat(path, &st))
		return false;
	memset(&now, 0, sizeof now); /* padding is compared, too */
	now.device = st.st_dev;
	now.inode = st.st_ino;
	now.size = st.st_size;
	now.changed = st.st_mtim;
	if (!memcmp(&now, known, sizeof now))
		return false;
	*known = now;
	return true;
}

static bool look(struct plans_watch *w)
{
	const struct plan_options *o = w->plans->options;
	bool plan = has_changed(&w->files[0], o->plan);

	return has_changed(&w->files[1], o->price) || plan;
}

/* On the thread: 1 when there is something new. */
static int read_again(struct job *job)
{
	struct plans_watch *w = job->data;

	w->fresh.prices = (struct prices){0};
	w->message[0] = '\0';
	if (!look(w))
		return 0;
	return plan_files_load(&w->fresh, w->message) ? EM_SYNTAX : 1;
}

static void take(struct plans_watch *w)
{
	struct plans *p = w->plans;
	instant now = loop_clock();

	p->table = w->fresh.table;
	prices_free(&p->prices);
	p->prices = w->fresh.prices;
	w->fresh.prices = (struct prices){0};
	say_note("%s: read again", p->options->price ? p->options->price : p->options->plan);
	plan_files_doubts(p);
	plans_cover(p, now, zone_next(&p->settings.goal.zone, now, p->settings.goal.until));
}

static void on_read(struct job *job, int result)
{
	struct plans_watch *w = job->data;

	w->reading = false;
	if (!w->open) {
		prices_free(&w->fresh.prices);
		return;
	}
	if (result == 1)
		take(w);
	else if (result && w->message[0])
		say_warning("%s: the plan before stays in force", w->message);
	prices_free(&w->fresh.prices);
}

static void on_time(uv_timer_t *timer)
{
	struct plans_watch *w = timer->data;

	if (w->reading)
		return;
	w->reading = true;
	w->job.run = read_again;
	w->job.done = on_read;
	w->job.data = w;
	job_start(timer->loop, &w->job);
}

void plans_watch_start(struct plans_watch *w, struct plans *plans, uv_loop_t *loop)
{
	w->plans = plans;
	if (!plans_any(plans->options))
		return;
	w->fresh.options = plans->options;
	w->fresh.settings = plans->settings;
	look(w);
	uv_timer_init(loop, &w->timer);
	w->timer.data = w;
	w->open = true;
	uv_timer_start(&w->timer, on_time, PERIOD, PERIOD);
}

void plans_watch_end(struct plans_watch *w)
{
	if (!w->open)
		return;
	w->open = false;
	uv_timer_stop(&w->timer);
}
