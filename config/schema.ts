/**
 * The configuration: types, validation and the editor's JSON Schema from this one source.
 *
 * Every option says its unit at the end of its name, its range and its default here and nowhere else. Secrets are never
 * in the YAML: options that end in `File` name a file, or `credential:NAME` for a systemd credential.
 */
import { z } from 'zod';
import { phrase } from '../drivers/contract/phrase.js';

export const configVersion = 1;

const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/, phrase`letters, digits, . _ - (at most 32)`);
const path = z
  .string()
  .regex(/^\/[^\0]*$/, phrase`an absolute path`)
  .max(4096);
const secretFile = z.string().regex(/^(\/|credential:[A-Za-z0-9._-]+$)/, phrase`an absolute path, or credential:NAME`);

/** Offsets such as +08:00 are refused: rules of a place are wanted, and not every Node knows them. */
function isTimeZone(zone: string): boolean {
  try {
    return /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

const serialLine = z.strictObject({
  serial: path.describe(phrase`serial port by a stable link: /dev/serial/by-path/…, never ttyUSB0`),
  baud: z
    .literal([9600, 19200, 38400, 57600, 115200])
    .default(115200)
    .describe(phrase`baud; 115200 is needed for presence within 300 ms with 16 bays`),
});
const tcpLine = z.strictObject({
  tcp: z
    .string()
    .regex(/^(\[[0-9A-Fa-f:]+\]|[^\s:]+):\d{1,5}$/, 'host:port')
    .describe(phrase`Modbus TCP: host:port`),
});

const usbLine = z.strictObject({
  usb: z
    .literal(true)
    .describe(
      phrase`true: no cradle board, only a hub; what is in a bay is seen at its USB port, and nothing is known of charging`,
    ),
  leds: path
    .default('/sys/class/leds')
    .describe(phrase`folder of the LEDs of the kernel, which are the lights of such bays`),
});

/** A lasting place on the USB, a port path of the kernel, or the name of a volume. */
const port = z
  .string()
  .max(200)
  .regex(
    /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,31}|(?:ss-)?\d{1,3}(?:\.\d{1,3}){0,5}@[A-Za-z0-9][A-Za-z0-9._:/+,-]*)$/,
    phrase`a USB port such as 1.3@pci0000:00/0000:00:14.0 or 1-1.3, or the name of a volume (at most 32 letters, digits, . _ -)`,
  );

const bay = z.strictObject({
  slot: z.int().min(1).max(16).describe(phrase`place in the cradle unit, 1–16`),
  port: port
    .optional()
    .describe(
      phrase`USB port behind this bay: ports@controller, which custodock bays map finds out and which stays when buses are numbered anew, or as the kernel shows it now (1-1.3); also the name of its volume under media.root; default: no USB, and a volume with the name of the bay`,
    ),
  leds: z
    .array(z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/, phrase`name of an LED (letters, digits, . _ : -)`))
    .min(1)
    .max(4)
    .optional()
    .describe(
      phrase`LEDs that are the light of this bay, only where line is usb: one that mixes colours, one for each colour, or a single one; default: no light`,
    ),
  priority: z.boolean().default(false).describe(phrase`this bay goes ahead of the others`),
});

const cradle = z.strictObject({
  name: name.describe(phrase`first half of the names of its bays: 1 gives bays 1-1, 1-2, …`),
  unit: z
    .int()
    .min(1)
    .max(247)
    .default(1)
    .describe(phrase`Modbus unit address, 1–247; of no meaning where line is usb`),
  line: z
    .union([serialLine, tcpLine, usbLine])
    .describe(phrase`units with the same serial port or TCP address share one line`),
  bays: z.array(bay).min(1).max(16).describe(phrase`its places that are in use, at most 16`),
});

const camera = z.strictObject({
  id: z
    .string()
    .min(1)
    .max(64)
    .describe(
      phrase`what the camera says it is: serial from the side channel or its own protocol, device number of its file names, or volume UUID`,
    ),
  category: z
    .enum(['body-camera', 'still-camera', 'video-camera', 'audio-recorder', 'handheld-terminal'])
    .default('body-camera')
    .describe(phrase`kind of device as in M2`),
  officer: z
    .string()
    .max(32)
    .optional()
    .describe(phrase`number of the officer it is assigned to, in quotes; absent: pooled`),
  bytesPerMinute: z
    .int()
    .min(1_000)
    .max(10_000_000_000)
    .optional()
    .describe(phrase`how fast it fills its storage, bytes/min; default readiness.bytesPerMinute`),
  quarantined: z.boolean().default(false).describe(phrase`out of use; never ready`),
});

export const configSchema = z.strictObject({
  version: z.literal(configVersion).describe(phrase`version of this file format; older files are migrated on start`),
  dock: z.strictObject({
    id: name.describe(phrase`name of this dock, unique in the bureau`),
    bureau: name.describe(phrase`name of the bureau on MQTT topics`),
    language: z.enum(['zh-CN', 'en']).default('zh-CN').describe(phrase`language of log, console and status`),
    timeZone: z
      .string()
      .max(64)
      .refine(isTimeZone, phrase`an IANA time zone such as Asia/Shanghai`)
      .default('Asia/Shanghai')
      .describe(phrase`IANA zone that the cameras keep local time in`),
    stateDir: path.default('/var/lib/custodock').describe(phrase`ledger and state`),
    runDir: path.default('/run/custodock/dock').describe(phrase`console socket`),
  }),
  media: z
    .strictObject({
      root: path.default('/run/custodock/media').describe(phrase`cameras' volumes appear here as <root>/<port>`),
      requireMount: z
        .boolean()
        .default(true)
        .describe(phrase`a directory that is no mount point is no volume; off only for simulated media`),
      rescanMs: z
        .int()
        .min(100)
        .max(60_000)
        .default(1_000)
        .describe(phrase`ms between looks even when nothing was notified, 100–60000`),
      settleMs: z
        .int()
        .min(0)
        .max(60_000)
        .default(15_000)
        .describe(phrase`ms that a docked camera may take to show identity or volume, 0–60000`),
      maxRecordings: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(200_000)
        .describe(phrase`most files taken from one card, 1–1000000`),
    })
    .prefault({}),
  cradles: z.array(cradle).max(64).default([]).describe(phrase`cradle units of this dock, at most 64`),
  cameras: z.array(camera).max(10_000).default([]).describe(phrase`register of cameras; any other is refused`),
  readiness: z
    .strictObject({
      batteryPercent: z.int().min(0).max(100).default(90).describe(phrase`least charge, percent, 0–100`),
      recordingMinutes: z
        .int()
        .min(0)
        .max(10_080)
        .default(480)
        .describe(phrase`least recording time left, minutes, 0–10080`),
      clockErrorMs: z
        .int()
        .min(10)
        .max(3_600_000)
        .default(3_000)
        .describe(phrase`largest clock error, ms, 10–3600000 (GA/T 947: 3 s a day)`),
      bytesPerMinute: z
        .int()
        .min(1_000)
        .max(10_000_000_000)
        .default(43_400_000)
        .describe(phrase`bytes per minute of recording (2.6 GB/h at 1080p)`),
    })
    .prefault({}),
  clock: z
    .strictObject({
      trust: z
        .array(z.enum(['timesyncd', 'chrony', 'rtc', 'operator']))
        .min(1)
        .default(['timesyncd', 'chrony', 'rtc'])
        .describe(phrase`what may vouch for the dock clock, first that can; operator: somebody answers for it`),
      maxErrorMs: z
        .int()
        .min(1)
        .max(60_000)
        .default(2_000)
        .describe(phrase`larger estimated error of the dock clock is not trusted, ms, 1–60000`),
      rtcDriftPpm: z
        .int()
        .min(1)
        .max(1_000)
        .default(5)
        .describe(phrase`how far the RTC drifts, parts per million, 1–1000 (DS3231: 5; a bare crystal: 50)`),
      rtcTrustHours: z
        .int()
        .min(0)
        .max(8_760)
        .default(72)
        .describe(phrase`how long after its last discipline a battery-backed RTC is believed, hours, 0–8760`),
      setWhenOverMs: z
        .int()
        .min(0)
        .max(3_600_000)
        .default(200)
        .describe(phrase`a smaller offset is left alone, ms, 0–3600000; never below the camera's resolution`),
    })
    .prefault({}),
  archive: z
    .strictObject({
      path: path.default('/var/lib/custodock/archive').describe(phrase`where recordings are kept`),
      reserveBytes: z.int().min(0).default(2_000_000_000).describe(phrase`bytes that stay free, ≥ 0`),
    })
    .prefault({}),
  offload: z
    .strictObject({
      threads: z.int().min(1).max(16).default(2).describe(phrase`worker threads, 1–16`),
      copiesAtOnce: z.int().min(1).max(64).default(16).describe(phrase`copies in progress over all bays, 1–64`),
      erase: z.enum(['never', 'after-verified']).default('never').describe(phrase`what may be erased from cameras`),
      readRetries: z
        .int()
        .min(0)
        .max(10)
        .default(3)
        .describe(phrase`tries more at a range that cannot be read before it is given up, 0–10`),
    })
    .prefault({}),
  central: z
    .strictObject({
      url: z
        .string()
        .max(256)
        .regex(/^mqtts?:\/\/[^\s]+$/, 'mqtt://host:port or mqtts://host:port')
        .describe(phrase`broker of the centre`),
      protocol: z.literal([4, 5]).default(5).describe(phrase`MQTT 3.1.1 (4) or 5`),
      caFile: path.optional().describe(phrase`certificate authority of the broker, PEM`),
      certFile: path.optional().describe(phrase`client certificate of this dock, PEM`),
      keyFile: secretFile.optional().describe(phrase`private key of this dock, PEM`),
      username: z.string().max(256).optional().describe(phrase`user name at the broker, at most 256 characters`),
      passwordFile: secretFile.optional().describe(phrase`password at the broker, first line of the file`),
      receipt: z
        .enum(['broker', 'centre'])
        .default('broker')
        .describe(phrase`broker: an event counts as told at PUBACK; centre: when the centre acknowledges its sequence`),
      window: z.int().min(1).max(1_000).default(64).describe(phrase`events on their way at once, 1–1000`),
      keepAliveS: z.int().min(5).max(600).default(30).describe(phrase`seconds, 5–600`),
    })
    .optional()
    .describe(phrase`absent: nothing is told to anybody`),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe(phrase`least severe lines that are logged`),
    })
    .prefault({}),
});

export type Config = z.infer<typeof configSchema>;

/** Name of a bay by its physical place (I7). */
export function bayName(cradleName: string, slot: number): string {
  return `${cradleName}-${slot}`;
}
