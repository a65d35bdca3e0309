//! Files that people have beside their logs, or in place of them, and that are not read: each is named,
//! with what to give instead.

use crate::{input::content::Head, problem::Reason};

/// A kind of content that is not read.
pub(crate) struct Refused {
    /// What it is, with its article.
    what: &'static str,
    /// What to do instead.
    instead: &'static str,
    recognise: fn(&Head<'_>) -> bool,
}

impl Refused {
    /// Returns the refusal.
    pub(crate) const fn reason(&self) -> Reason {
        Reason::NotRead { what: self.what, instead: self.instead }
    }
}

/// Returns what content is that starts like this, if it is known not to be read.
pub(crate) fn recognise(head: &Head<'_>) -> Option<&'static Refused> {
    ALL.iter().find(|kind| (kind.recognise)(head))
}

/// Returns why content cannot be read whose name is that of a part of an archive.
///
/// - `names`: those of the content and of what it lies in, the innermost first.
pub(crate) fn split_part(names: &[String]) -> Option<Reason> {
    names.first().is_some_and(|name| is_split_part(name)).then_some(Reason::SplitPart)
}

/// Tells of a file's name whether it is that of a part of an archive: `x.7z.001`, `x.z01`.
fn is_split_part(name: &str) -> bool {
    let Some((_, extension)) = name.rsplit_once('.') else { return false };
    let digits = extension.strip_prefix(['z', 'Z', 'r', 'R', 'e', 'E']).unwrap_or(extension);
    let is_of_digits = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_of_digits && extension.len() == 3
}

/// An Office document, by the members of its ZIP archive.
pub(crate) static OFFICE: Refused = Refused {
    what: "an Office document",
    instead: "save the sheet with the rows as CSV",
    recognise: |_| false,
};

/// An AFF4 image, by the members of its ZIP archive.
pub(crate) static AFF4: Refused =
    Refused { what: "an AFF4 image", instead: MOUNT, recognise: |_| false };

const UNPACK: &str = "unpack it and give the folder";
const MOUNT: &str = "mount or unpack it and give the logs, Windows\\System32\\winevt\\Logs";
const DECRYPT: &str = "decrypt it first";
const EXPORT: &str = "save the log as EVTX or XML: `wevtutil epl LOG FILE.evtx`, or \
                      `wevtutil qe LOG /f:RenderedXml /e:Events`";
const LOGS: &str = "give the event logs, *.evtx, that lie beside it";

/// Makes an entry for content that starts with one of some marks.
macro_rules! starts_with {
    ($what:expr, $instead:expr, $($mark:expr),+) => {
        Refused {
            what: $what,
            instead: $instead,
            recognise: |head| [$(&$mark[..]),+].iter().any(|mark| head.bytes.starts_with(mark)),
        }
    };
}

/// Makes an entry for content that has a mark at an offset.
macro_rules! has_at {
    ($what:expr, $instead:expr, $at:expr, $($mark:expr),+) => {
        Refused {
            what: $what,
            instead: $instead,
            recognise: |head| {
                let rest = head.bytes.get($at..).unwrap_or_default();
                [$(&$mark[..]),+].iter().any(|mark| rest.starts_with(mark))
            },
        }
    };
}

/// Every kind. Marks are those of the formats' own documentation, or of `file`'s list where there is
/// none.
static ALL: &[Refused] = &[
    // What Windows keeps and its tools save.
    has_at!(
        "an event log of Windows XP or Server 2003 (.evt)",
        "make EVTX of it on a newer Windows: `wevtutil epl OLD.evt NEW.evtx /lf:true`",
        4,
        b"LfLe"
    ),
    has_at!(
        "an event trace (.etl)",
        "make EVTX of it: `tracerpt TRACE.etl -of EVTX -o TRACE.evtx`",
        0x48,
        b"\x02\x00\x01\xc0",
        b"\x02\x00\x02\xc0"
    ),
    Refused {
        what: "a text or CSV export of the Event Viewer, which has messages and no event data,",
        instead: EXPORT,
        recognise: |head| is_event_viewer_header(first_line(head.text)),
    },
    Refused {
        what: "the text that `wevtutil` writes, which has messages and no event data,",
        instead: EXPORT,
        recognise: |head| {
            let line = first_line(head.text).trim_end_matches([':', '\r']);
            let number = line.strip_prefix("Event[").and_then(|rest| rest.strip_suffix(']'));
            number.is_some_and(|it| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit()))
        },
    },
    Refused {
        what: "what `Get-WinEvent` prints, which has messages and no event data,",
        instead: "write XML: `Get-WinEvent … | ForEach-Object ToXml > events.xml`",
        recognise: |head| is_printed_by_get_winevent(head.text),
    },
    Refused {
        what: "objects that `Export-Clixml` has written, whose event data have no names,",
        instead: "write XML: `Get-WinEvent … | ForEach-Object ToXml > events.xml`",
        recognise: |head| {
            let text = head.text.trim_start();
            text.starts_with("#< CLIXML") || text.starts_with("<Objs ")
        },
    },
    starts_with!(
        "a log of Windows Firewall",
        LOGS,
        b"#Version: 1.5\r\n#Software: Microsoft Windows Firewall"
    ),
    starts_with!("a registry hive", LOGS, b"regf"),
    starts_with!("a compressed prefetch file", LOGS, b"MAM\x04"),
    has_at!("a prefetch file", LOGS, 4, b"SCCA"),
    has_at!("an ESE database", LOGS, 4, b"\xef\xcd\xab\x89"),
    starts_with!("a master file table", LOGS, b"FILE0\x00", b"FILE*\x00"),
    starts_with!("a shortcut", LOGS, b"L\x00\x00\x00\x01\x14\x02\x00"),
    starts_with!(
        "a memory image",
        "look for records in it with `--carve`",
        b"PAGEDUMP",
        b"PAGEDU64",
        b"MDMP",
        b"EMiL",
        b"hibr",
        b"HIBR",
        b"RSTR",
        b"\xd2\xbe\xd2\xbe"
    ),
    starts_with!(
        "a SQLite database",
        "export the table with the rows as CSV or JSON",
        b"SQLite format 3\x00"
    ),
    // Archives.
    starts_with!("a RAR archive", UNPACK, b"Rar!\x1a\x07"),
    starts_with!("a cabinet (.cab)", UNPACK, b"MSCF", b"ISc("),
    starts_with!("a Windows image (.wim)", MOUNT, b"MSWIM\x00\x00\x00"),
    starts_with!("an ARJ archive", UNPACK, b"\x60\xea"),
    starts_with!("an XAR archive", UNPACK, b"xar!"),
    has_at!("an LZH archive", UNPACK, 2, b"-lh", b"-lz"),
    has_at!("an ACE archive", UNPACK, 7, b"**ACE**"),
    starts_with!("a file compressed with `compress` (.Z)", UNPACK, b"\x1f\x9d", b"\x1f\xa0"),
    starts_with!("a file compressed with xz", UNPACK, b"\xfd7zXZ\x00"),
    starts_with!("a file compressed with lzip", UNPACK, b"LZIP"),
    starts_with!("a file compressed with LZMA (.lzma)", UNPACK, b"\x5d\x00\x00"),
    starts_with!("a file compressed with Snappy", UNPACK, b"\xff\x06\x00\x00sNaPpY"),
    starts_with!(
        "the first part of a split ZIP archive",
        "join the parts, `zip -s 0 FIRST.zip --out WHOLE.zip`, and give the whole",
        b"PK\x07\x08"
    ),
    // Images.
    starts_with!(
        "an EnCase image (E01, L01)",
        MOUNT,
        b"EVF\x09\x0d\x0a\xff\x00",
        b"EVF2\x0d\x0a\x81\x00",
        b"LVF\x09\x0d\x0a\xff\x00",
        b"LEF2\x0d\x0a\x81\x00"
    ),
    starts_with!("an AFF image", MOUNT, b"AFF10\r\n\x00"),
    starts_with!("a virtual disk (VHDX)", MOUNT, b"vhdxfile"),
    starts_with!("a virtual disk (VHD)", MOUNT, b"conectix"),
    starts_with!("a virtual disk (VMDK)", MOUNT, b"KDMV", b"COWD", b"# Disk DescriptorFile"),
    starts_with!("a virtual disk (QCOW)", MOUNT, b"QFI\xfb"),
    has_at!("a virtual disk (VDI)", MOUNT, 0x40, b"\x7f\x10\xda\xbe"),
    has_at!("an image of a CD or DVD (ISO)", MOUNT, 0x8001, b"CD001"),
    has_at!("a volume encrypted with BitLocker", DECRYPT, 3, b"-FVE-FS-"),
    has_at!(
        "an image of an NTFS volume",
        "mount it, or look for records in it with `--carve`",
        3,
        b"NTFS    "
    ),
    has_at!(
        "an image of a disk",
        "mount it, or look for records in it with `--carve`",
        512,
        b"EFI PART"
    ),
    // Encrypted.
    starts_with!(
        "a file encrypted with age",
        DECRYPT,
        b"age-encryption.org/",
        b"-----BEGIN AGE ENCRYPTED FILE-----"
    ),
    starts_with!(
        "a file encrypted with GnuPG or PGP",
        DECRYPT,
        b"-----BEGIN PGP MESSAGE-----",
        b"\x8c\x0d\x04",
        b"\x8c\x2e\x05",
        b"\x85\x01\x0c\x03",
        b"\x85\x02\x0c\x03",
        b"\x84\x5e\x03"
    ),
    starts_with!("a file encrypted with OpenSSL", DECRYPT, b"Salted__"),
    starts_with!("an encrypted volume (LUKS)", DECRYPT, b"LUKS\xba\xbe"),
    // Documents and others.
    starts_with!("a PDF document", "give the log it was made from", b"%PDF-"),
    starts_with!(
        "an Office document or installer (OLE)",
        "save the sheet with the rows as CSV",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    ),
    starts_with!("a rich text document", "give the log it was made from", b"{\\rtf"),
    starts_with!(
        "a packet capture",
        LOGS,
        b"\xd4\xc3\xb2\xa1",
        b"\xa1\xb2\xc3\xd4",
        b"\x4d\x3c\xb2\xa1",
        b"\x0a\x0d\x0d\x0a"
    ),
    starts_with!("a picture", LOGS, b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8"),
    starts_with!("a program", LOGS, b"\x7fELF"),
    Refused {
        what: "a program",
        instead: LOGS,
        recognise: |head| {
            let place = head.bytes.get(0x3c..0x40).and_then(|bytes| bytes.try_into().ok());
            let place = place.map_or(usize::MAX, |bytes| {
                usize::try_from(u32::from_le_bytes(bytes)).unwrap_or(usize::MAX)
            });
            head.bytes.starts_with(b"MZ")
                && head.bytes.get(place..).is_some_and(|rest| rest.starts_with(b"PE\x00\x00"))
        },
    },
    Refused {
        what: "an HTML page",
        instead: "give the log it was made from, or its rows as CSV or JSON",
        recognise: |head| {
            let start: String = head.text.trim_start().chars().take(14).collect();
            let start = start.to_ascii_lowercase();
            start.starts_with("<!doctype html") || start.starts_with("<html")
        },
    },
];

fn first_line(text: &str) -> &str {
    text.trim_start().lines().next().unwrap_or_default()
}

/// The columns of the Event Viewer's text and CSV: the second to the fifth, in the languages of Windows
/// that are known here. The first is the level, or of the Security log the keywords.
const EVENT_VIEWER_COLUMNS: [[&str; 4]; 8] = [
    ["Date and Time", "Source", "Event ID", "Task Category"],
    ["Datum und Uhrzeit", "Quelle", "Ereignis-ID", "Aufgabenkategorie"],
    ["Date et heure", "Source", "ID de l’événement", "Catégorie de la tâche"],
    ["Fecha y hora", "Origen", "Id. del evento", "Categoría de la tarea"],
    ["Data e ora", "Origine", "ID evento", "Categoria attività"],
    ["Data e Hora", "Fonte", "Identificação do Evento", "Categoria da Tarefa"],
    ["Datum en tijd", "Bron", "Gebeurtenis-id", "Taakcategorie"],
    ["日付と時刻", "ソース", "イベント ID", "タスクのカテゴリ"],
];

fn is_event_viewer_header(line: &str) -> bool {
    [',', '\t', ';'].iter().any(|delimiter| {
        let fields: Vec<&str> =
            line.split(*delimiter).map(|field| field.trim().trim_matches('"')).collect();
        let columns = fields.get(1..5).unwrap_or_default();
        EVENT_VIEWER_COLUMNS.iter().any(|known| {
            let same = |(found, known): (&&str, &&str)| found.eq_ignore_ascii_case(known);
            columns.len() == known.len() && columns.iter().zip(known).all(same)
        })
    })
}

/// Tells whether a text is the table or the list that a console shows of events.
fn is_printed_by_get_winevent(text: &str) -> bool {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    if first.starts_with("ProviderName:") {
        return lines.next().is_some_and(|line| line.starts_with("TimeCreated"));
    }
    let is_entry = |line: &str, key: &str| {
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start().starts_with(": "))
    };
    is_entry(first, "TimeCreated")
        && lines.next().is_some_and(|line| is_entry(line, "ProviderName"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn what(bytes: &[u8]) -> Option<&'static str> {
        let text = String::from_utf8_lossy(bytes);
        recognise(&Head { bytes, text: &text }).map(|refused| refused.what)
    }

    #[test]
    fn what_tools_of_windows_write_is_known_by_its_start() {
        let viewer =
            "a text or CSV export of the Event Viewer, which has messages and no event data,";
        for header in [
            "Level,Date and Time,Source,Event ID,Task Category\r\nInformation,",
            "\"Keywords\",\"Date and Time\",\"Source\",\"Event ID\",\"Task Category\"\n",
            "Ebene\tDatum und Uhrzeit\tQuelle\tEreignis-ID\tAufgabenkategorie\n",
        ] {
            assert_eq!(what(header.as_bytes()), Some(viewer), "{header}");
        }
        let text = "the text that `wevtutil` writes, which has messages and no event data,";
        assert_eq!(what(b"Event[0]:\r\n  Log Name: System\r\n"), Some(text));
        assert_eq!(what(b"Event[12]\n"), Some(text));
        let printed = "what `Get-WinEvent` prints, which has messages and no event data,";
        for shown in [
            "\r\n\r\n   ProviderName: Microsoft-Windows-Kettle\r\n\r\nTimeCreated   Id LevelDisplayName",
            "\n\nTimeCreated  : 1/2/2024 3:04:05 AM\nProviderName : Kettle\nId           : 7\n",
        ] {
            assert_eq!(what(shown.as_bytes()), Some(printed), "{shown}");
        }
        assert_eq!(
            what(b"\x30\0\0\0LfLe\x01"),
            Some("an event log of Windows XP or Server 2003 (.evt)")
        );
        let mut trace = vec![0_u8; 0x48];
        trace.extend(b"\x02\x00\x02\xc0");
        assert_eq!(what(&trace), Some("an event trace (.etl)"));
    }

    #[test]
    fn logs_are_not_refused() {
        for log in [
            &b"{\"Event\":{}}"[..],
            b"<Event><System/></Event>",
            b"Timestamp,DeviceId\n",
            b"TimeCreated,ProviderName,Id\n",
            b"Level,Date,Event ID\n",
            b"Event[x]\n",
            b"MZ,PE\n",
            b"ElfFile\0",
            b"PAR1",
            b"",
        ] {
            assert_eq!(what(log), None, "{log:?}");
        }
    }

    #[test]
    fn parts_of_archives_are_known_by_their_names() {
        for name in ["x.zip.001", "logs.7z.002", "a.z01", "b.r00"] {
            assert!(is_split_part(name), "{name}");
        }
        for name in ["x.zip", "x", "x.1", "2024.05.0001", "x.e1x"] {
            assert!(!is_split_part(name), "{name}");
        }
    }
}
