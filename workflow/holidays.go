package workflow

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/aa"
	"github.com/rickar/cal/v2/at"
	"github.com/rickar/cal/v2/au"
	"github.com/rickar/cal/v2/be"
	"github.com/rickar/cal/v2/bg"
	"github.com/rickar/cal/v2/br"
	"github.com/rickar/cal/v2/ca"
	"github.com/rickar/cal/v2/ch"
	"github.com/rickar/cal/v2/cz"
	"github.com/rickar/cal/v2/de"
	"github.com/rickar/cal/v2/dk"
	"github.com/rickar/cal/v2/es"
	"github.com/rickar/cal/v2/fr"
	"github.com/rickar/cal/v2/gb"
	"github.com/rickar/cal/v2/gr"
	"github.com/rickar/cal/v2/hr"
	"github.com/rickar/cal/v2/ie"
	"github.com/rickar/cal/v2/it"
	"github.com/rickar/cal/v2/jp"
	"github.com/rickar/cal/v2/lt"
	"github.com/rickar/cal/v2/lv"
	"github.com/rickar/cal/v2/nc"
	"github.com/rickar/cal/v2/nl"
	"github.com/rickar/cal/v2/no"
	"github.com/rickar/cal/v2/nz"
	"github.com/rickar/cal/v2/pl"
	"github.com/rickar/cal/v2/ro"
	"github.com/rickar/cal/v2/se"
	"github.com/rickar/cal/v2/si"
	"github.com/rickar/cal/v2/sk"
	"github.com/rickar/cal/v2/ua"
	"github.com/rickar/cal/v2/us"
	"github.com/rickar/cal/v2/za"
)

// HolidaysOf are the public holidays of countries and regions, named by their ISO 3166 codes like DE, DE-BY, GB-SCT or US, from
// one year to another, both included: "2006-01-02" to the holiday's name. A holiday moved off a weekend counts on both days.
// A day that several have bears the name of the first code's. Where a country's holidays differ by region, the country's own
// code gives what all have in common (CH, DE), or the most usual (CA, GB); AU has its states only. Days that are set anew each
// year, such as Eid or Matariki, are not among them.
func HolidaysOf(codes []string, fromYear, toYear int) (map[string]string, error) {
	const first, last = 1900, 2150 // what the rules of equinoxes are good for
	if fromYear < first || toYear > last || toYear < fromYear {
		return nil, Errorf(Invalid, "the years of the holidays are %d to %d, they have to be in order and within %d to %d", fromYear, toYear, first, last)
	}
	known := holidayRules()
	found := map[string]string{}
	for _, code := range codes {
		rules, ok := known[strings.ToUpper(strings.TrimSpace(code))]
		if !ok {
			return nil, unknownRegion(code, slices.Sorted(maps.Keys(known)))
		}
		for year := fromYear - 1; year <= toYear+1; year++ { // New Year may be moved into December
			for _, rule := range rules {
				for _, date := range datesOf(rule, year) {
					name := date.Format(time.DateOnly)
					if _, taken := found[name]; !taken && fromYear <= date.Year() && date.Year() <= toYear {
						found[name] = rule.Name
					}
				}
			}
		}
	}
	return found, nil
}

// datesOf are the day of a holiday in a year, none if it has none, and the day it is moved to, if any.
func datesOf(rule *cal.Holiday, year int) []time.Time {
	midnight, _ := rule.Calc(year)
	if midnight.IsZero() {
		return nil
	}
	// It is midnight in the machine's zone, 23:00 of the day before if clocks go forward just then.
	date := civil(midnight.Add(12 * time.Hour).Date())
	dates := []time.Time{date}
	for _, moved := range rule.Observed {
		if moved.Day == date.Weekday() {
			return append(dates, date.AddDate(0, 0, moved.Offset))
		}
	}
	return dates
}

// unknownRegion names the known codes of the same country, or else the countries.
func unknownRegion(code string, known []string) error {
	country, _, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(code)), "-")
	var near, countries []string
	for _, k := range known {
		of, _, _ := strings.Cut(k, "-")
		if of == country {
			near = append(near, k)
		}
		if !slices.Contains(countries, of) {
			countries = append(countries, of)
		}
	}
	if near != nil {
		return Errorf(Invalid, "%q has no known holidays, those of %s are %s", code, country, strings.Join(near, ", "))
	}
	return Errorf(Invalid, "%q has no known holidays, the countries that have are %s", code, strings.Join(countries, ", "))
}

// holidayRules are the holidays by ISO 3166 code: those of the library, and what it lacks of them. Of its countries AR, MW and RU
// are left out, whose days it has on the wrong dates or not at all.
func holidayRules() map[string][]*cal.Holiday {
	return map[string][]*cal.Holiday{
		"AT":     at.Holidays,
		"AU-ACT": au.HolidaysACT, "AU-NSW": au.HolidaysNSW, "AU-NT": au.HolidaysNT, "AU-QLD": au.HolidaysQLD,
		"AU-SA": au.HolidaysSA, "AU-TAS": au.HolidaysTAS, "AU-VIC": au.HolidaysVIC, "AU-WA": au.HolidaysWA,
		"BE":    be.Holidays,
		"BG":    bg.Holidays,
		"BR":    and(br.Holidays, since(2024, fixed("Dia Nacional de Zumbi e da Consciência Negra", time.November, 20))),
		"CA":    ca.Holidays,
		"CH":    {ch.Neujahr, ch.Auffahrt, ch.Bundesfeiertag, ch.Weihnachtstag}, // the library's list has those of any canton
		"CH-AG": ch.HolidaysAG, "CH-AI": ch.HolidaysAI, "CH-AR": ch.HolidaysAR, "CH-BE": ch.HolidaysBE, "CH-BL": ch.HolidaysBL,
		"CH-BS": ch.HolidaysBS, "CH-FR": ch.HolidaysFR, "CH-GE": ch.HolidaysGE, "CH-GL": ch.HolidaysGL, "CH-GR": ch.HolidaysGR,
		"CH-JU": ch.HolidaysJU, "CH-LU": ch.HolidaysLU, "CH-NE": ch.HolidaysNE, "CH-NW": ch.HolidaysNW, "CH-OW": ch.HolidaysOW,
		"CH-SG": ch.HolidaysSG, "CH-SH": ch.HolidaysSH, "CH-SO": ch.HolidaysSO, "CH-SZ": ch.HolidaysSZ, "CH-TG": ch.HolidaysTG,
		"CH-TI": ch.HolidaysTI, "CH-UR": ch.HolidaysUR, "CH-VD": ch.HolidaysVD, "CH-VS": ch.HolidaysVS, "CH-ZG": ch.HolidaysZG,
		"CH-ZH": ch.HolidaysZH,
		"CZ":    cz.Holidays,
		"DE":    de.Holidays,
		"DE-BB": de.HolidaysBB, "DE-BE": de.HolidaysBE, "DE-BW": de.HolidaysBW, "DE-BY": de.HolidaysBY, "DE-HB": de.HolidaysHB,
		"DE-HE": de.HolidaysHE, "DE-HH": de.HolidaysHH, "DE-NI": de.HolidaysNI, "DE-NW": de.HolidaysNW,
		"DE-RP": de.HolidaysRP, "DE-SH": de.HolidaysSH, "DE-SL": de.HolidaysSL, "DE-SN": de.HolidaysSN, "DE-ST": de.HolidaysST,
		"DE-TH":  de.HolidaysTH,
		"DE-MV":  and(de.HolidaysMV, since(2023, de.Frauentag)),
		"DK":     dk.Holidays,
		"ES":     es.Holidays,
		"FR":     fr.Holidays,
		"GB":     gb.Holidays,
		"GB-ENG": gb.Holidays, "GB-NIR": northernIreland(), "GB-SCT": scotland(), "GB-WLS": gb.Holidays,
		"GR": gr.Holidays,
		"HR": hr.Holidays,
		"IE": ie.Holidays,
		"IT": and(it.Holidays, since(2026, fixed("San Francesco d'Assisi", time.October, 4))),
		"JP": jp.Holidays,
		"LT": lt.Holidays,
		"LV": lv.Holidays,
		"NC": nc.Holidays,
		"NL": nl.Holidays,
		"NO": no.Holidays,
		"NZ": nz.Holidays,
		"PL": pl.Holidays,
		"PT": portugal(),
		"RO": and(ro.Holidays, since(2024, fixed("Boboteaza", time.January, 6)), since(2024, fixed("Sfântul Ioan Botezătorul", time.January, 7))),
		"SE": se.Holidays,
		"SI": si.Holidays,
		"SK": sk.Holidays,
		"UA": ua.Holidays,
		"US": us.Holidays,
		"ZA": za.Holidays,
	}
}

// portugal is not in the library.
func portugal() []*cal.Holiday {
	suspended := []int{2013, 2014, 2015}
	return []*cal.Holiday{
		aa.NewYear.Clone(&cal.Holiday{Name: "Ano Novo"}),
		aa.GoodFriday.Clone(&cal.Holiday{Name: "Sexta-feira Santa"}),
		{Name: "Páscoa", Func: cal.CalcEasterOffset},
		fixed("Dia da Liberdade", time.April, 25),
		aa.WorkersDay.Clone(&cal.Holiday{Name: "Dia do Trabalhador"}),
		aa.CorpusChristi.Clone(&cal.Holiday{Name: "Corpo de Deus", Except: suspended}),
		fixed("Dia de Portugal", time.June, 10),
		aa.AssumptionOfMary.Clone(&cal.Holiday{Name: "Assunção de Nossa Senhora"}),
		fixed("Implantação da República", time.October, 5, suspended...),
		aa.AllSaintsDay.Clone(&cal.Holiday{Name: "Todos os Santos", Except: suspended}),
		fixed("Restauração da Independência", time.December, 1, suspended...),
		aa.ImmaculateConception.Clone(&cal.Holiday{Name: "Imaculada Conceição"}),
		aa.ChristmasDay.Clone(&cal.Holiday{Name: "Natal"}),
	}
}

// scotland differs from England and Wales.
func scotland() []*cal.Holiday {
	second := fixed("2nd January", time.January, 2)
	second.Observed = gb.BoxingDay.Observed // as that, it gives way to the day before
	andrew := since(2006, fixed("St Andrew's Day", time.November, 30))
	andrew.Observed = gb.NewYear.Observed
	var rules []*cal.Holiday
	for _, rule := range gb.Holidays {
		switch rule {
		case gb.EasterMonday:
		case gb.SummerHoliday:
			rules = append(rules, gb.SummerHolidayScotland)
		default:
			rules = append(rules, rule)
		}
	}
	return and(rules, second, andrew)
}

// northernIreland has two more than England and Wales.
func northernIreland() []*cal.Holiday {
	patrick := fixed("St Patrick's Day", time.March, 17)
	boyne := fixed("Battle of the Boyne", time.July, 12)
	patrick.Observed, boyne.Observed = gb.NewYear.Observed, gb.NewYear.Observed
	return and(gb.Holidays, patrick, boyne)
}

// fixed is a holiday of the same date each year but some.
func fixed(name string, month time.Month, day int, except ...int) *cal.Holiday {
	return &cal.Holiday{Name: name, Month: month, Day: day, Except: except, Func: cal.CalcDayOfMonth}
}

// since is the holiday from that year on.
func since(year int, rule *cal.Holiday) *cal.Holiday {
	return rule.Clone(&cal.Holiday{StartYear: year})
}

// and adds to holidays of the library, which stay as they are.
func and(rules []*cal.Holiday, more ...*cal.Holiday) []*cal.Holiday {
	return slices.Concat(rules, more)
}
