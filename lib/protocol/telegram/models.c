/* The telegrams of Europe's meters, as templates. */
#include "protocol/telegram/telegram.h"

#define TARIFFS_3                                  \
	"1-0:1.8.1({energy_import_t1:6.3k}*kWh)\n" \
	"1-0:1.8.2({energy_import_t2:6.3k}*kWh)\n" \
	"1-0:2.8.1({energy_export_t1:6.3k}*kWh)\n" \
	"1-0:2.8.2({energy_export_t2:6.3k}*kWh)\n" \
	"0-0:96.14.0({tariff:4.0})\n"

#define TARIFFS_2                                  \
	"1-0:1.8.1({energy_import_t1:5.3k}*kWh)\n" \
	"1-0:1.8.2({energy_import_t2:5.3k}*kWh)\n" \
	"1-0:2.8.1({energy_export_t1:5.3k}*kWh)\n" \
	"1-0:2.8.2({energy_export_t2:5.3k}*kWh)\n" \
	"0-0:96.14.0({tariff:4.0})\n"

#define POWER                                 \
	"1-0:1.7.0({power_import:2.3k}*kW)\n" \
	"1-0:2.7.0({power_export:2.3k}*kW)\n"

#define FAILURES                                                                                  \
	"0-0:96.7.21(00004)\n"                                                                    \
	"0-0:96.7.9(00002)\n"                                                                     \
	"1-0:99.97.0(2)(0-0:96.7.19)(190611084522S)(0000000240*s)(200115174133W)(0000000301*s)\n" \
	"1-0:32.32.0(00002)\n"                                                                    \
	"1-0:52.32.0(00001)\n"                                                                    \
	"1-0:72.32.0(00000)\n"                                                                    \
	"1-0:32.36.0(00000)\n"                                                                    \
	"1-0:52.36.0(00003)\n"                                                                    \
	"1-0:72.36.0(00000)\n"

#define VOLTAGES                           \
	"1-0:32.7.0({voltage_l1:3.1}*V)\n" \
	"1-0:52.7.0({voltage_l2:3.1}*V)\n" \
	"1-0:72.7.0({voltage_l3:3.1}*V)\n"

#define CURRENTS(form)                          \
	"1-0:31.7.0({current_l1:" form "}*A)\n" \
	"1-0:51.7.0({current_l2:" form "}*A)\n" \
	"1-0:71.7.0({current_l3:" form "}*A)\n"

#define PHASES(form)                                   \
	"1-0:21.7.0({power_import_l1:" form "k}*kW)\n" \
	"1-0:41.7.0({power_import_l2:" form "k}*kW)\n" \
	"1-0:61.7.0({power_import_l3:" form "k}*kW)\n" \
	"1-0:22.7.0({power_export_l1:" form "k}*kW)\n" \
	"1-0:42.7.0({power_export_l2:" form "k}*kW)\n" \
	"1-0:62.7.0({power_export_l3:" form "k}*kW)\n"

#define REACTIVE_PHASES(form, unit)                                   \
	"1-0:23.7.0({reactive_power_import_l1:" form "k}*" unit ")\n" \
	"1-0:43.7.0({reactive_power_import_l2:" form "k}*" unit ")\n" \
	"1-0:63.7.0({reactive_power_import_l3:" form "k}*" unit ")\n"

#define GAS                                                \
	"0-1:24.1.0(003)\n"                                \
	"0-1:96.1.0(4730303332353631323637393831373138)\n" \
	"0-1:24.2.1({gas_clock})({gas:5.3}*m3)\n"

static const char dsmr22[] = "/KMP5 KA6U001511209910\n\n"
			     "0-0:96.1.1({serial})\n" TARIFFS_2
			     "1-0:1.7.0({power_import:4.2k}*kW)\n"
			     "1-0:2.7.0({power_export:4.2k}*kW)\n"
			     "0-0:17.0.0(999*A)\n"
			     "0-0:96.3.10(1)\n"
			     "0-0:96.13.1()\n"
			     "0-0:96.13.0()\n"
			     "0-1:24.1.0(3)\n"
			     "0-1:96.1.0(3238313031353431303034303232323131)\n"
			     "0-1:24.3.0({gas_clock_bare})(08)(60)(1)(0-1:24.2.1)(m3)\n"
			     "({gas:5.3})\n"
			     "0-1:24.4.0(1)\n";

static const char dsmr3[] = "/ISk5\\2ME382-1003\n\n"
			    "0-0:96.1.1({serial})\n" TARIFFS_2 "1-0:1.7.0({power_import:3.2k}*kW)\n"
			    "1-0:2.7.0({power_export:3.2k}*kW)\n"
			    "0-0:17.0.0(016*A)\n"
			    "0-0:96.3.10(1)\n"
			    "0-0:96.13.1()\n"
			    "0-0:96.13.0()\n"
			    "0-1:96.1.0(3232323241424344313233343536373839)\n"
			    "0-1:24.1.0(03)\n"
			    "0-1:24.3.0({gas_clock_bare})(00)(60)(1)(0-1:24.2.1)(m3)({gas:5.3})\n"
			    "0-1:24.4.0(1)\n";

static const char dsmr4[] = "/KFM5KAIFA-METER\n\n"
			    "1-3:0.2.8(42)\n"
			    "0-0:1.0.0({clock})\n"
			    "0-0:96.1.1({serial})\n" TARIFFS_3 POWER FAILURES "0-0:96.13.1()\n"
			    "0-0:96.13.0()\n" CURRENTS("3.0") PHASES("2.3") GAS;

static const char dsmr5[] = "/ISK5\\2M550T-1012\n\n"
			    "1-3:0.2.8(50)\n"
			    "0-0:1.0.0({clock})\n"
			    "0-0:96.1.1({serial})\n" TARIFFS_3 POWER FAILURES
			    "0-0:96.13.0()\n" VOLTAGES CURRENTS("3.0") PHASES("2.3") GAS;

static const char esmr[] = "/Ene5\\XS210 ESMR 5.0\n\n"
			   "1-3:0.2.8(50)\n"
			   "0-0:1.0.0({clock})\n"
			   "0-0:96.1.1({serial})\n" TARIFFS_3 POWER FAILURES
			   "0-0:96.13.0()\n" VOLTAGES CURRENTS("3.0")
				   PHASES("2.3") "0-2:24.1.0(003)\n"
						 "0-2:96.1.0(4730303339303031383238353134373139)\n"
						 "0-2:24.2.1({gas_clock})({gas:5.3}*m3)\n";

static const char emucs[] = "/FLU5\\253770234_A\n\n"
			    "0-0:96.1.4(50217)\n"
			    "0-0:96.1.1({serial})\n"
			    "0-0:1.0.0({clock})\n" TARIFFS_3 "1-0:1.4.0({demand_import:2.3k}*kW)\n"
			    "1-0:1.6.0({peak_clock})({peak_demand_import:2.3k}*kW)\n"
			    "0-0:98.1.0{history}\n" POWER PHASES("2.3") VOLTAGES CURRENTS(
				    "3.2") "0-0:96.3.10(1)\n"
					   "0-0:17.0.0(999.9*kW)\n"
					   "1-0:31.4.0(999*A)\n"
					   "0-0:96.13.0()\n"
					   "0-1:24.1.0(003)\n"
					   "0-1:96.1.1(37464C4F32313132303930333232)\n"
					   "0-1:24.4.0(1)\n"
					   "0-1:24.2.3({gas_clock})({gas:5.3}*m3)\n"
					   "0-2:24.1.0(007)\n"
					   "0-2:96.1.1(3853455430303030323232303133)\n"
					   "0-2:24.2.1({gas_clock})({water:5.3}*m3)\n";

static const char lu[] = "/Lux5\\253663629_D\n\n"
			 "1-3:0.2.8(42)\n"
			 "0-0:1.0.0({clock})\n"
			 "0-0:42.0.0({serial})\n"
			 "1-0:1.8.0({energy_import:6.3k}*kWh)\n"
			 "1-0:2.8.0({energy_export:6.3k}*kWh)\n"
			 "1-0:3.8.0({reactive_energy_import:6.3k}*kvarh)\n"
			 "1-0:4.8.0({reactive_energy_export:6.3k}*kvarh)\n" POWER
			 "1-0:3.7.0({reactive_power_import:2.3k}*kvar)\n"
			 "1-0:4.7.0({reactive_power_export:2.3k}*kvar)\n"
			 "0-0:17.0.0(27.600*kVA)\n"
			 "1-1:31.4.0(040*A)(-040*A)\n"
			 "0-0:96.3.10(1)\n"
			 "0-0:96.13.0()\n"
			 "0-0:96.13.2()\n" VOLTAGES CURRENTS("3.0") PHASES("2.3");

static const char se[] = "/ELL5\\253833635_A\n\n"
			 "0-0:1.0.0({clock})\n"
			 "1-0:1.8.0({energy_import:8.3k}*kWh)\n"
			 "1-0:2.8.0({energy_export:8.3k}*kWh)\n"
			 "1-0:3.8.0({reactive_energy_import:8.3k}*kVArh)\n"
			 "1-0:4.8.0({reactive_energy_export:8.3k}*kVArh)\n"
			 "1-0:1.7.0({power_import:4.3k}*kW)\n"
			 "1-0:2.7.0({power_export:4.3k}*kW)\n"
			 "1-0:3.7.0({reactive_power_import:4.3k}*kVAr)\n"
			 "1-0:4.7.0({reactive_power_export:4.3k}*kVAr)\n" PHASES("4.3")
				 REACTIVE_PHASES("4.3", "kVAr") VOLTAGES CURRENTS("3.1");

static const char at[] = "/EST5\\253710000_A\n\n"
			 "1-3:0.2.8(50)\n"
			 "0-0:1.0.0({clock})\n"
			 "1-0:1.8.0({energy_import:9.0}*Wh)\n"
			 "1-0:1.8.1({energy_import_t1:9.0}*Wh)\n"
			 "1-0:1.8.2({energy_import_t2:9.0}*Wh)\n"
			 "1-0:1.7.0({power_import:9.0}*W)\n"
			 "1-0:2.8.0({energy_export:9.0}*Wh)\n"
			 "1-0:2.8.1({energy_export_t1:9.0}*Wh)\n"
			 "1-0:2.8.2({energy_export_t2:9.0}*Wh)\n"
			 "1-0:2.7.0({power_export:9.0}*W)\n"
			 "1-0:3.8.0({reactive_energy_import:9.0}*varh)\n"
			 "1-0:3.7.0({reactive_power_import:9.0}*var)\n"
			 "1-0:4.8.0({reactive_energy_export:9.0}*varh)\n"
			 "1-0:4.7.0({reactive_power_export:9.0}*var)\n";

static const char ch[] =
	"/GRE5\\25370042_A\n\n"
	"0-0:1.0.0({clock})\n"
	"1-1:1.8.1({energy_import_t1:6.3k}*kWh)\n"
	"1-1:1.8.2({energy_import_t2:6.3k}*kWh)\n"
	"1-1:2.8.1({energy_export_t1:6.3k}*kWh)\n"
	"1-1:2.8.2({energy_export_t2:6.3k}*kWh)\n"
	"0-0:96.14.0({tariff:4.0})\n"
	"1-1:1.7.0({power_import:2.3k}*kW)\n"
	"1-1:2.7.0({power_export:2.3k}*kW)\n" FAILURES VOLTAGES
		CURRENTS("3.2") "0-0:96.13.0()\n" PHASES(
			"2.3") "1-1:1.6.0({peak_clock})({peak_demand_import:2.3k}*kW)\n"
			       "0-0:98.1.0(12)\n"
			       "1-0:1.4.0({demand_import:2.3k}*kW)\n";

static const char hu[] = "/SAG5SAG-METER\n\n"
			 "0-0:1.0.0({clock})\n"
			 "0-0:42.0.0(53414733303832323030303030303432)\n"
			 "0-0:96.1.0({plain})\n"
			 "0-0:96.14.0({tariff:4.0})\n"
			 "0-0:96.3.10(1)\n"
			 "0-0:17.0.0(90.000*kW)\n"
			 "1-0:1.8.0({energy_import:6.3k}*kWh)\n"
			 "1-0:1.8.1({energy_import_t1:6.3k}*kWh)\n"
			 "1-0:1.8.2({energy_import_t2:6.3k}*kWh)\n"
			 "1-0:2.8.0({energy_export:6.3k}*kWh)\n"
			 "1-0:2.8.1({energy_export_t1:6.3k}*kWh)\n"
			 "1-0:2.8.2({energy_export_t2:6.3k}*kWh)\n"
			 "1-0:3.8.0({reactive_energy_import:6.3k}*kvarh)\n"
			 "1-0:4.8.0({reactive_energy_export:6.3k}*kvarh)\n" VOLTAGES CURRENTS(
				 "3.0") "1-0:13.7.0({power_factor:1.3})\n"
					"1-0:14.7.0({frequency:2.2}*Hz)\n"
					"1-0:1.7.0({power_import:2.3k}*kW)\n"
					"1-0:2.7.0({power_export:2.3k}*kW)\n"
					"1-0:31.4.0(200.00*A)\n"
					"0-0:96.13.0()\n";

static const char lt[] =
	"/ESO5\\2E360\n\n"
	"0-0:1.0.0({clock})\n"
	"1-0:1.8.0({energy_import:6.3k}*kWh)\n"
	"1-0:1.8.1({energy_import_t1:6.3k}*kWh)\n"
	"1-0:1.8.2({energy_import_t2:6.3k}*kWh)\n"
	"1-0:2.8.0({energy_export:6.3k}*kWh)\n"
	"1-0:3.8.0({reactive_energy_import:6.3k}*kvarh)\n"
	"1-0:4.8.0({reactive_energy_export:6.3k}*kvarh)\n" POWER
	"1-0:3.7.0({reactive_power_import:2.3k}*kvar)\n"
	"1-0:4.7.0({reactive_power_export:2.3k}*kvar)\n" PHASES("2.3") REACTIVE_PHASES("2.3",
                                                                                       "kvar")
		VOLTAGES CURRENTS("3.0") "1-0:14.7.0({frequency:2.1}*Hz)\n"
					 "1-0:13.7.0({power_factor:1.3})\n"
					 "0-0:96.7.21(00039)\n"
					 "0-0:96.13.0(73657450315F657874656E6465645F337068)\n"
					 "0-0:96.1.1({serial})\n";

/* clang-format off */
const struct telegram_model telegram_models[] = {
	{"dsmr22", "Netherlands, DSMR 2.2: every 10 s, no CRC", 10, .gas_period = 3600, .text = dsmr22},
	{"dsmr3", "Netherlands, DSMR 3.0: every 10 s, no CRC", 10, .gas_period = 3600, .text = dsmr3},
	{"dsmr4", "Netherlands, DSMR 4.2: every 10 s", 10, true, .gas_period = 3600, .text = dsmr4},
	{"dsmr5", "Netherlands, DSMR 5: every second", 1, true, .gas_period = 300, .text = dsmr5},
	{"esmr", "Netherlands, ESMR 5, gas on channel 2", 1, true, .gas_period = 300, .text = esmr},
	{"emucs", "Belgium, eMUCS with quarter-hour peaks, gas and water", 1, true, .day_first = true,
	 .gas_period = 300, .text = emucs},
	{"lu", "Luxembourg, Smarty (encrypted when a key is given)", 10, true, .text = lu},
	{"se", "Sweden, H1: its clock has no summer time", 10, true, true, .text = se},
	{"at", "Austria: Wh and W without decimals", 1, true, .text = at},
	{"ch", "Switzerland, IDIS", 5, true, .text = ch},
	{"hu", "Hungary, E.ON", 10, true, .text = hu},
	{"lt", "Lithuania, ESO", 10, true, .text = lt},
};
/* clang-format on */

const size_t telegram_model_count = sizeof telegram_models / sizeof telegram_models[0];
