package inbox

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
)

// Samples of more than a hundred letters, as a mail about a text has them.
var samples = map[string]string{
	"german":     "Sehr geehrte Damen und Herren, anbei übersende ich Ihnen das überarbeitete Kapitel für die nächste Ausgabe. Könnten Sie mir bitte möglichst bald bestätigen, dass die Länge so genügt? Mit freundlichen Grüßen aus München.",
	"french":     "Bonjour, vous trouverez ci-joint le chapitre révisé pour le prochain numéro. Pourriez-vous me confirmer dès que possible que la longueur vous convient et que les illustrations ont bien été reçues ? Très cordialement à vous, Hélène.",
	"spanish":    "Buenos días, adjunto el capítulo corregido para el próximo número. ¿Podrían confirmarme cuanto antes que la extensión es adecuada y que también han recibido las ilustraciones del niño en la montaña? Muchas gracias, José.",
	"polish":     "Dzień dobry, w załączeniu przesyłam poprawiony rozdział do następnego numeru. Czy mogliby Państwo możliwie szybko potwierdzić, że długość jest właściwa? Życzę miłego dnia i serdecznie pozdrawiam z Łodzi.",
	"czech":      "Dobrý den, v příloze posílám opravenou kapitolu pro příští číslo časopisu. Můžete mi prosím co nejdříve potvrdit, že délka vyhovuje a že obrázky došly v pořádku? Děkuji a přeji hezký den, Jiří Dvořák.",
	"hungarian":  "Jó napot kívánok, mellékelten küldöm a javított fejezetet a következő számhoz. Kérem, erősítsék meg minél előbb, hogy a terjedelem megfelelő, és hogy az illusztrációk is rendben megérkeztek. Üdvözlettel Győrből.",
	"turkish":    "Merhaba, bir sonraki sayı için düzeltilmiş bölümü ekte gönderiyorum. Uzunluğun uygun olduğunu ve çizimlerin size ulaştığını en kısa sürede onaylayabilir misiniz? Teşekkür eder, iyi günler dilerim. Işıl Şahin.",
	"lithuanian": "Laba diena, prisegu pataisytą skyrių kitam žurnalo numeriui. Ar galėtumėte kuo greičiau patvirtinti, kad apimtis tinkama ir kad iliustracijos jus pasiekė? Iš anksto dėkoju už pagalbą ir linkiu geros dienos, Žydrūnė.",
	"russian":    "Добрый день! Во вложении отправляю исправленную главу для следующего номера журнала. Подтвердите, пожалуйста, как можно скорее, что объём подходит и что иллюстрации дошли. С уважением, Мария Иванова из Москвы.",
	"ukrainian":  "Доброго дня! У вкладенні надсилаю виправлений розділ для наступного номера журналу. Підтвердьте, будь ласка, якнайшвидше, що обсяг підходить і що ілюстрації надійшли. З повагою, Марія Іваненко з Києва, її подяка.",
	"greek":      "Καλημέρα σας, σας στέλνω συνημμένο το διορθωμένο κεφάλαιο για το επόμενο τεύχος του περιοδικού. Μπορείτε να μου επιβεβαιώσετε το συντομότερο ότι η έκταση είναι κατάλληλη και ότι λάβατε τις εικόνες; Με εκτίμηση.",
	"hebrew":     "שלום רב, מצורף הפרק המתוקן לגיליון הבא של כתב העת. האם תוכלו לאשר בהקדם האפשרי שהאורך מתאים ושהאיורים הגיעו אליכם כראוי? תודה רבה על העזרה ועל הסבלנות, ויום נעים לכולם, שלכם מרים מירושלים.",
	"arabic":     "السلام عليكم، أرسل إليكم مرفقا الفصل المصحح للعدد القادم من المجلة. هل يمكنكم أن تؤكدوا لي في أقرب وقت ممكن أن الطول مناسب وأن الرسوم قد وصلت إليكم؟ شكرا جزيلا على مساعدتكم، مع أطيب التحيات من القاهرة.",
	"thai":       "สวัสดีครับ ขอส่งบทที่แก้ไขแล้วสำหรับวารสารฉบับต่อไปมาพร้อมกับจดหมายนี้ กรุณายืนยันโดยเร็วที่สุดว่าความยาวเหมาะสมและได้รับภาพประกอบแล้ว ขอบคุณมากครับสำหรับความช่วยเหลือและขอให้มีความสุขในวันนี้",
	"vietnamese": "Kính gửi ban biên tập, tôi xin gửi kèm chương đã sửa cho số báo tới. Xin vui lòng xác nhận sớm.",
	"japanese":   "いつもお世話になっております。次号に掲載する原稿の第二章を修正しましたので、添付してお送りします。分量が適切かどうか、また挿絵が届いているかどうか、できるだけ早くご確認いただけますでしょうか。どうぞよろしくお願いいたします。東京の山田より。カタカナもテストします。締め切りは来週の金曜日の午後五時だと聞いております。",
	"chinese":    "您好,附件是下一期杂志的修改稿第二章。请您尽快确认篇幅是否合适,以及插图是否已经收到。如果还有什么需要修改的地方,请随时告诉我。非常感谢您的帮助和耐心,祝您工作顺利,身体健康。我们的截止日期是下个星期五下午五点,我会在那之前把其余的章节也发给您。此致敬礼,王小明。",
	"taiwanese":  "您好,附件是下一期雜誌的修改稿第二章。請您儘快確認篇幅是否合適,以及插圖是否已經收到。如果還有什麼需要修改的地方,請隨時告訴我。非常感謝您的幫助和耐心,祝您工作順利,身體健康。我們的截止日期是下個星期五下午五點,我會在那之前把其餘的章節也寄給您。敬上,王小明。",
	"korean":     "안녕하세요. 다음 호에 실릴 원고의 제이 장을 수정하여 첨부로 보내 드립니다. 분량이 적당한지, 그리고 삽화가 잘 도착했는지 가능한 한 빨리 확인해 주시겠습니까? 도와주셔서 대단히 감사합니다. 마감은 다음 주 금요일 오후 다섯 시라고 들었습니다. 그때까지 나머지 장도 보내 드리겠습니다. 서울에서 김민수 드림.",
}

// charsetCase is a charset with its names and the languages it is written in. guessed says which of them are found out when
// no label, or a wrong one, tells.
type charsetCase struct {
	enc     encoding.Encoding
	labels  string
	texts   string
	guessed string
}

func charsetCases() []charsetCase {
	return []charsetCase{
		{japanese.ISO2022JP, "iso-2022-jp ISO-2022-JP-1 iso-2022-jp-2 iso-2022-jp-3 iso-2022-jp-ms csISO2022JP _iso-2022-jp$ESC cp50220 cp50221", "japanese", "japanese"},
		{japanese.ShiftJIS, "shift_jis Shift-JIS sjis x-sjis cp932 windows-31j ms_kanji MS932 x-mac-japanese", "japanese", "japanese"},
		{japanese.EUCJP, "euc-jp x-euc-jp eucjp", "japanese", "japanese"},
		{simplifiedchinese.GBK, "gb2312 GBK gb18030 cp936 x-gbk GB_2312-80 euc-cn", "chinese", "chinese"},
		{simplifiedchinese.GB18030, "gb18030 gb-18030", "chinese", "chinese"},
		{simplifiedchinese.HZGB2312, "hz-gb-2312 HZ", "chinese", "chinese"},
		{traditionalchinese.Big5, "big5 Big5-HKSCS cn-big5 x-x-big5 cp950", "taiwanese", "taiwanese"},
		{korean.EUCKR, "euc-kr ks_c_5601-1987 cp949 uhc KSC5601 windows-949", "korean", "korean"},
		{charmap.KOI8R, "koi8-r KOI8 cp20866", "russian", "russian"},
		{charmap.KOI8U, "koi8-u koi8-ru", "ukrainian russian", "ukrainian russian"},
		{charmap.Windows1250, "windows-1250 cp1250 cp-1250 x-cp1250", "polish czech hungarian german", "polish czech hungarian german"},
		{charmap.Windows1251, "windows-1251 cp1251 win-1251 windows1251", "russian ukrainian", "russian ukrainian"},
		{charmap.Windows1252, "windows-1252 cp1252 iso-8859-1 latin1", "german french spanish", "german french spanish"},
		{charmap.Windows1253, "windows-1253 cp1253", "greek", "greek"},
		{charmap.Windows1254, "windows-1254 cp1254", "turkish german", "turkish german"},
		{charmap.Windows1255, "windows-1255 cp1255", "hebrew", "hebrew"},
		{charmap.Windows1256, "windows-1256 cp1256", "arabic", "arabic"},
		{charmap.Windows1257, "windows-1257 cp1257", "lithuanian", ""},
		{charmap.Windows874, "windows-874 tis-620 iso-8859-11", "thai", "thai"},
		{charmap.ISO8859_1, "iso-8859-1 latin1 iso8859-1 ISO_8859-1:1987 8859_1", "german french spanish", "german french spanish"},
		{charmap.ISO8859_2, "iso-8859-2 latin2 iso8859-2 iso88592", "polish czech hungarian german", "polish czech hungarian german"},
		{charmap.ISO8859_3, "iso-8859-3", "german", "german"},
		{charmap.ISO8859_4, "iso-8859-4", "lithuanian", ""},
		{charmap.ISO8859_5, "iso-8859-5", "russian", "russian"},
		{charmap.ISO8859_6, "iso-8859-6", "arabic", "arabic"},
		{charmap.ISO8859_7, "iso-8859-7 greek iso8859-7", "greek", "greek"},
		{charmap.ISO8859_8, "iso-8859-8 iso-8859-8-i iso-8859-8-e", "hebrew", "hebrew"},
		{charmap.ISO8859_9, "iso-8859-9 latin5", "turkish german", "turkish german"},
		{charmap.ISO8859_13, "iso-8859-13", "lithuanian", ""},
		{charmap.ISO8859_15, "iso-8859-15 latin-9 8859_15 iso8859-15", "german french", "german french"},
		{charmap.ISO8859_16, "iso-8859-16", "german", "german"},
		{charmap.CodePage437, "cp437 ibm437 437", "german", ""},
		{charmap.CodePage850, "cp850 ibm850 dos-850", "german french spanish", ""},
		{charmap.CodePage852, "cp852 ibm852", "polish czech hungarian", ""},
		{charmap.CodePage858, "cp858 ibm00858", "german", ""},
		{charmap.CodePage866, "cp866 ibm866", "russian", "russian"},
		{charmap.Macintosh, "macintosh x-mac-roman mac", "german french spanish", ""},
		{charmap.MacintoshCyrillic, "x-mac-cyrillic x-mac-ukrainian", "russian", "russian"},
		{unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16le utf-16 unicode", "german russian japanese", "german russian"},
		{unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), "utf-16be utf-16", "german russian japanese", "german russian"},
		{unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), "utf-16le utf-16 utf-16be", "german russian japanese", "german russian japanese"},
		{unicode.UTF16(unicode.BigEndian, unicode.UseBOM), "utf-16be utf-16 utf-16le", "german russian japanese", "german russian japanese"},
		{utf32.UTF32(utf32.BigEndian, utf32.UseBOM), "utf-32 utf-32be", "german japanese", "german japanese"},
		{unicode.UTF8, "utf-8 utf8 unicode-1-1-utf-8", "german french polish turkish russian greek hebrew arabic thai japanese chinese korean", "german french polish turkish russian greek hebrew arabic thai japanese chinese korean"},
		{unicode.UTF8BOM, "utf-8 utf8", "german japanese", "german japanese"},
	}
}

// TestCharsets: with its own label, or another name of it, every charset reads as the encoder's source; without one, or with one
// that mailers put everywhere, so do those that can be told by their bytes.
func TestCharsets(t *testing.T) {
	for _, c := range charsetCases() {
		for _, lang := range strings.Fields(c.texts) {
			want := samples[lang]
			b, err := c.enc.NewEncoder().Bytes([]byte(want))
			if err != nil { // a letter that the charset does not have
				b, err = encoding.ReplaceUnsupported(c.enc.NewEncoder()).Bytes([]byte(want))
				if err != nil {
					t.Fatal(err)
				}
				back, _ := c.enc.NewDecoder().Bytes(b)
				want = string(back)
			}
			for _, label := range strings.Fields(c.labels) {
				t.Run(fmt.Sprintf("%s/%v/%s", label, c.enc, lang), func(t *testing.T) {
					if got := decodeCharset(b, label); got != want {
						t.Errorf("%.100q", got)
					}
				})
			}
			for _, label := range []string{"", "utf-8", "iso-8859-1", "us-ascii", "unknown-8bit", "x-user-defined", "default_charset", "x-no-such-charset"} {
				if label == "iso-8859-1" && (lang == "hungarian" || lang == "turkish" || lang == "czech") {
					continue // nearly every letter of theirs is one in Latin-1, too
				}
				t.Run(fmt.Sprintf("as %q/%v/%s", label, c.enc, lang), func(t *testing.T) {
					if strings.Contains(" "+c.guessed+" ", " "+lang+" ") {
						if got := decodeCharset(b, label); got != want {
							t.Errorf("%.100q", got)
						}
					}
				})
			}
		}
	}
}

// TestISO2022: the sets that the encoders of the source above do not write.
func TestISO2022(t *testing.T) {
	tests := []struct{ name, label, in, want string }{
		{"half-width kana", "iso-2022-jp", "\x1b(I6@6E\x1b(B ok", "ｶﾀｶﾅ ok"},
		{"half-width kana by shifts", "cp50222", "\x1b)I\x0e6@6E\x0f ok", "ｶﾀｶﾅ ok"},
		{"half-width kana in eight bits", "iso-2022-jp", "\x1b$B$\"\x1b(B \xb6\xc0", "あ ｶﾀ"},
		{"NEC's circled digits", "iso-2022-jp-ms", "\x1b$B-!\x1b(B", "①"},
		{"JIS X 0212", "iso-2022-jp-1", "\x1b$(D0!\x1b(B", "丂"},
		{"Chinese and Korean", "iso-2022-jp-2", "\x1b$A<:\x1b$(C0!\x1b(B", "己가"},
		{"Latin and Greek", "iso-2022-jp-2", "\x1b.Acaf\x1bNi \x1b.F\x1bNa", "café α"},
		{"JIS X 0213", "iso-2022-jp-3", "\x1b$(O$\"\x1b(B", "あ"},
		{"the oldest JIS", "iso-2022-jp", "\x1b$@$\"\x1b(J", "あ"},
		{"Korean", "iso-2022-kr", "\x1b$)C\x0e0!\x0f ok", "가 ok"},
		{"Korean without its header", "iso-2022-kr", "\x0e0!\x0f ok", "가 ok"},
		{"Chinese", "iso-2022-cn", "\x1b$)A\x0e<:\x0f", "己"},
		{"no label", "", "\x1b$B$\"\x1b(B", "あ"},
		{"a wrong label", "utf-8", "\x1b$B$\"\x1b(B", "あ"},
		{"the escape back is lost", "iso-2022-jp", "\x1b$B$\"\nabc", "あ\nabc"},
		{"cut inside a character", "iso-2022-jp", "\x1b$B$\"$", "あ\uFFFD"},
		{"colours of a terminal", "us-ascii", "\x1b[1mok", "\x1b[1mok"},
		{"UTF-8 under its label", "iso-2022-jp", "あ", "あ"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeCharset([]byte(tt.in), tt.label); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

// TestOtherCharsets: what mail has beside one charset rightly or wrongly named.
func TestOtherCharsets(t *testing.T) {
	double := func(s string) string {
		out, _ := charmap.Windows1252.NewDecoder().String(s)
		return out
	}
	tests := []struct{ name, label, in, want string }{
		{"UTF-7", "utf-7", "caf+AOk-, 1 +- 1, +ZeVnLA-, a+b", "café, 1 + 1, 日本, a+b"},
		{"UTF-7 is not guessed", "us-ascii", "caf+AOk-", "caf+AOk-"},
		{"zeros", "utf-8", "a\x00b", "ab"},
		{"doubly encoded German", "utf-8", double("Für die größte Übung der Gänse"), "Für die größte Übung der Gänse"},
		{"doubly encoded Russian", "utf-8", double("Привет"), "Привет"},
		{"an example of it", "utf-8", "It shows Ã¤ and Ã¶ and Ã¼ and ÃŸ", "It shows Ã¤ and Ã¶ and Ã¼ and ÃŸ"},
		{"a single one", "utf-8", "CafÃ©", "CafÃ©"},
		{"both", "utf-8", double("größte Übung Gänse für") + " é", double("größte Übung Gänse für") + " é"},
		{"one Chinese character that is UTF-8, too", "gb2312", "\xd2\xbb", "一"},
		{"UTF-8 under a Chinese label", "gb2312", "café", "café"},
		{"UTF-8 with a broken character under Latin-1", "iso-8859-1", strings.Repeat("é", 40) + "\xff", strings.Repeat("é", 40) + "\uFFFD"},
		{"quoted label", "\"koi8-r\"", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
		{"Catalan", "iso-8859-1", "col\xb7lecci\xf3 intel\xb7ligent al\xb7lucinant novel\xb7la", "col·lecció intel·ligent al·lucinant novel·la"},
		{"accents in a row", "iso-8859-1", "cr\xe9\xe9e, \xe9\xe9", "créée, éé"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := decodeCharset([]byte(tt.in), tt.label); got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
	html, _ := charmap.KOI8R.NewEncoder().String("<meta charset=koi8-r><p>Привет, мир</p>")
	if got := decodeCharset([]byte(html), "iso-8859-1", "koi8-r"); !strings.Contains(got, "Привет, мир") {
		t.Errorf("the document's own charset: %q", got)
	}
}

// FuzzCharset: whatever the bytes and the label, the text is clean, and not much longer.
func FuzzCharset(f *testing.F) {
	for _, c := range charsetCases() {
		for _, lang := range strings.Fields(c.texts) {
			b, _ := encoding.ReplaceUnsupported(c.enc.NewEncoder()).Bytes([]byte(samples[lang]))
			f.Add(b, strings.Fields(c.labels)[0])
		}
	}
	f.Add([]byte("\x1b$(D0!\x1b.A\x1bN\x0e\x0f+ZeVnLA-"), "utf-7")
	f.Fuzz(func(t *testing.T, b []byte, label string) {
		s := decodeCharset(b, label)
		if strings.ToValidUTF8(s, "") != s || strings.ContainsRune(s, 0) || len(s) > 6*len(b)+6 {
			t.Fatalf("%q", s)
		}
	})
}
