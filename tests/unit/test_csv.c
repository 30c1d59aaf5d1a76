/* Lines and cells of texts like CSV. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/csv.h"
#include "base/error.h"
#include "base/text.h"

static struct csv_text text_of(const char *text)
{
	return (struct csv_text){text, strlen(text)};
}

static void lines_that_say_something(void **state)
{
	static const struct {
		const char *text, *told;
	} cases[] = {
		{"", ""},
		{"\n", ""},
		{"a\nb\n", "1[a] 2[b] "},
		{"a\r\n\r\n\n \t\nb", "1[a] 5[b]! "},
		{"# x\n#\na # y\n #z\n", "3[a # y] 4[ #z] "},
		{"\r", ""},
		{"a\r\r\n", "1[a\r] "},
		{"a\n#", "1[a] "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csv_lines lines = csv_lines(cases[i].text, strlen(cases[i].text));
		struct csv_text line;
		struct text told = {0};

		while (csv_line(&lines, &line))
			text_printf(&told, "%u[%.*s]%s ", lines.number, (int)line.length, line.data,
			            lines.is_unended ? "!" : "");
		assert_string_equal(text_string(&told), cases[i].told);
		text_free(&told);
	}
}

static void cells_of_a_line(void **state)
{
	static const struct {
		const char *line;
		char separator;
		const char *told;
	} cases[] = {
		{"", ',', "[]"},
		{"a", ',', "[a]"},
		{"a,b", ',', "[a][b]"},
		{"a,,b,", ',', "[a][][b][]"},
		{" a b ,\tc\t,\r", ',', "[a b][c][]"},
		{"a;b,c", ';', "[a][b,c]"},
		{"\"a,b\",c", ',', "[a,b][c]"},
		{" \" a \" x,c", ',', "[ a ][c]"},
		{"\"a\"\"b\",\"\"", ',', "[a\"b][]"},
		{"\"\"\"\"", ',', "[\"]"},
		{"\"a,b", ',', "[a,b]"},
		{"\"", ',', "[]"},
		{"\"a\"\"", ',', "[a\"]"},
		{"a\"b,c\"", ',', "[a\"b][c\"]"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct csv_cells cells = csv_cells(text_of(cases[i].line), cases[i].separator);
		struct csv_text cell;
		struct text told = {0};
		char copy[32];

		while (csv_cell(&cells, &cell)) {
			assert_int_equal(csv_unquote(copy, sizeof copy, cell), 0);
			text_printf(&told, "[%s]", copy);
		}
		assert_false(csv_cell(&cells, &cell));
		assert_string_equal(text_string(&told), cases[i].told);
		text_free(&told);
	}
}

static void copies_have_a_bound(void **state)
{
	char copy[4];

	(void)state;
	assert_int_equal(csv_unquote(copy, sizeof copy, text_of("abc")), 0);
	assert_string_equal(copy, "abc");
	assert_int_equal(csv_unquote(copy, sizeof copy, text_of("a\"\"c")), 0);
	assert_string_equal(copy, "a\"c");
	assert_int_equal(csv_unquote(copy, sizeof copy, text_of("abcd")), EM_RANGE);
	assert_int_equal(csv_unquote(copy, 1, text_of("")), 0);
	assert_int_equal(csv_unquote(copy, 0, text_of("")), EM_RANGE);
}

static void headers_and_separators(void **state)
{
	(void)state;
	assert_true(csv_is_header(text_of("unit,address,hex")));
	assert_true(csv_is_header(text_of("Address")));
	assert_false(csv_is_header(text_of("1,a")));
	assert_false(csv_is_header(text_of("")));
	assert_int_equal(csv_separator(text_of("a,b;c")), ';');
	assert_int_equal(csv_separator(text_of("a,b")), ',');
	assert_true(csv_is(text_of("name"), "name"));
	assert_false(csv_is(text_of("name"), "names"));
	assert_false(csv_is(text_of("name"), "nam"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_that_say_something),
		cmocka_unit_test(cells_of_a_line),
		cmocka_unit_test(copies_have_a_bound),
		cmocka_unit_test(headers_and_separators),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
