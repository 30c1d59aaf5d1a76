#include "balance/plot.h"

/*
 * Blue, amber, red and grey of different lightness: they differ for all kinds of colour blindness,
 * and in print. m0..m7 are the strokes of the map, f0..f7 the same colours as areas.
 */
const char plot_style[] =
	":root{--ink:#17212b;--soft:#56626f;--line:#dde3e9;--ground:#fff;--house:#8d9cab;"
	"--peak:#cfd9e3;--car:#1668a8;--sun:#c98700;--limit:#17212b;--over:#c4162c;"
	"--s0:#d5dde4;--s1:#8fbfe3;--s2:#c98700;--s3:#c4162c;--s4:#7a4fb5;"
	"--c0:#f2cf73;--c1:#edf3f9;--c2:#c9def0;--c3:#93c0e2;--c4:#5699cd;--c5:#2270b0;"
	"--c6:#0c4680;--c7:#c4162c}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#a3b0bd;"
	"--line:#2c3742;--ground:#151c23;--house:#5e7083;--peak:#34424f;--car:#3590d0;"
	"--sun:#f0bf45;--limit:#fff;--over:#ff6174;--s0:#33404d;--s1:#2f6fa3;--s2:#d9a227;"
	"--s3:#ff6174;--s4:#a98be0;--c0:#8c6a14;--c1:#1c2731;--c2:#1f3b54;--c3:#22557f;"
	"--c4:#2f79b3;--c5:#5ba7de;--c6:#b5dcf8;--c7:#ff6174}}\n"
	".p{font:12px/1.2 system-ui,'Segoe UI',Roboto,'DejaVu Sans',sans-serif;fill:var(--ink);"
	"font-variant-numeric:tabular-nums}.p path,.p line{vector-effect:non-scaling-stroke}\n"
	".p .ground{fill:var(--ground)}.p .soft{fill:var(--soft)}.p .title{font-size:18px;"
	"font-weight:600}.p .strong{font-weight:600;font-size:13px}.p .red{fill:var(--over);"
	"font-weight:600}.p .halo{paint-order:stroke;stroke:var(--ground);stroke-width:3px;"
	"stroke-linejoin:round}\n"
	".p .rule{stroke:var(--line)}.p .zero{stroke:var(--soft)}.p .house{fill:var(--house)}"
	".p .car{fill:var(--car)}.p .faint{fill:var(--car);opacity:.4}.p .peak{fill:var(--peak)}"
	".p .sun{fill:var(--sun)}.p .over{fill:var(--over)}.p .limit{fill:none;stroke:var(--limit);"
	"stroke-width:1.5}.p .fuse{stroke:var(--over);stroke-width:1.5;stroke-dasharray:6 4}"
	".p .least{stroke:var(--soft);stroke-width:1.5;stroke-dasharray:2 3}"
	".p .hint{fill:transparent}.p .hint path:hover{fill:var(--ink);opacity:.14}\n"
	".p .s0{fill:var(--s0)}.p .s1{fill:var(--s1)}.p .s2{fill:var(--s2)}.p .s3{fill:var(--s3)}"
	".p .s4{fill:var(--s4)}.p .map path{vector-effect:none;fill:none;shape-rendering:crispEdges}"
	".p .m0{stroke:var(--c0)}.p .m1{stroke:var(--c1)}.p .m2{stroke:var(--c2)}"
	".p .m3{stroke:var(--c3)}.p .m4{stroke:var(--c4)}.p .m5{stroke:var(--c5)}"
	".p .m6{stroke:var(--c6)}.p .m7{stroke:var(--c7)}.p .f0{fill:var(--c0)}.p .f1{fill:var(--c1)}"
	".p .f2{fill:var(--c2)}.p .f3{fill:var(--c3)}.p .f4{fill:var(--c4)}.p .f5{fill:var(--c5)}"
	".p .f6{fill:var(--c6)}.p .f7{fill:var(--c7)}\n";
