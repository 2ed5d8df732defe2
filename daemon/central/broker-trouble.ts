/**
 * Why there is no connection to the broker, told apart so far that somebody knows what to do. Pure.
 *
 * Everything is worth another attempt later (the dock cannot know when the other side is put right); `slow` says which
 * troubles a person has to end, so that asking again soon would only fill logs and lock accounts.
 */
import { DockError, type DockErrorCode, errnoOf, messageOf } from '../../drivers/contract/error.js';
import { type Phrase, phrase, verbatim } from '../../drivers/contract/phrase.js';
import { printable } from '../../drivers/contract/text.js';

const slowCodes: ReadonlySet<DockErrorCode> = new Set<DockErrorCode>([
  'DOCK_CENTRE_REFUSED',
  'DOCK_CENTRE_PROTOCOL',
  'DOCK_CENTRE_TAKEN_OVER',
  'DOCK_CENTRE_CERT_EXPIRED',
  'DOCK_CENTRE_CERT_UNKNOWN',
  'DOCK_CENTRE_CERT_HOST',
  'DOCK_CENTRE_CERT_REFUSED',
  'DOCK_CENTRE_KEY',
  'DOCK_CENTRE_TOO_LARGE',
]);

/** Somebody has to do something before another attempt can succeed. */
export function isSlow(error: DockError): boolean {
  return slowCodes.has(error.code);
}

function trouble(code: DockErrorCode, expected: Phrase, found: Phrase, todo: Phrase, cause?: unknown): DockError {
  return new DockError(code, { expected, found: printable(found), todo, retry: 'now', cause });
}

/** Why a connection could not be made or broke: from the socket's or TLS's own error. */
export function socketTrouble(broker: string, thrown: unknown): DockError {
  const code = errnoOf(thrown) ?? '';
  const found = code === '' ? messageOf(thrown) : verbatim(`${code}: ${messageOf(thrown)}`);
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return trouble(
        'DOCK_CENTRE_ADDRESS',
        phrase`an address for the broker ${broker}`,
        found,
        phrase`Check the host name in central.url and the name servers of the dock`,
        thrown,
      );
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return trouble(
        'DOCK_CENTRE_CERT_EXPIRED',
        phrase`a certificate of ${broker} that is valid now`,
        found,
        phrase`Check the clock of the dock first, then renew the certificate of the broker`,
        thrown,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return trouble(
        'DOCK_CENTRE_CERT_HOST',
        phrase`a certificate that names the host of ${broker}`,
        found,
        phrase`Write in central.url the host name that the certificate of the broker was issued for`,
        thrown,
      );
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'DEPTH_ZERO_SELF_SIGNED_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_UNTRUSTED':
    case 'CERT_SIGNATURE_FAILURE':
    case 'INVALID_CA':
    case 'INVALID_PURPOSE':
      return trouble(
        'DOCK_CENTRE_CERT_UNKNOWN',
        phrase`a certificate of ${broker} from an authority that central.caFile names`,
        found,
        phrase`Give the certificate of the authority that issued the certificate of the broker in central.caFile; do not trust it unseen`,
        thrown,
      );
    default:
      break;
  }
  // The broker's alert about our own certificate; with TLS 1.3 it comes only after the handshake seemed complete.
  if (/^ERR_SSL_.*ALERT_(?!.*PROTOCOL_VERSION)/.test(code)) {
    return trouble(
      'DOCK_CENTRE_CERT_REFUSED',
      phrase`${broker} to accept the certificate of this dock`,
      found,
      phrase`Check central.certFile and central.keyFile, and that the broker trusts their authority`,
      thrown,
    );
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return trouble(
      'DOCK_CENTRE_PROTOCOL',
      phrase`TLS at ${broker}`,
      found,
      phrase`Check the port and mqtt:// or mqtts:// in central.url`,
      thrown,
    );
  }
  return trouble(
    'DOCK_CENTRE_UNREACHABLE',
    phrase`a connection to ${broker}`,
    found,
    phrase`Check the network of the dock and that the broker is running; the dock keeps trying`,
    thrown,
  );
}

/** The broker's refusal in CONNACK, PUBACK, SUBACK or DISCONNECT; reason codes of MQTT 5, and 1–5 of MQTT 3.1.1. */
export function refusal(broker: string, what: Phrase, reason: number, meaning: string): DockError {
  const found = meaning === '' ? phrase`refused (reason ${reason})` : phrase`${meaning} (reason ${reason})`;
  switch (reason) {
    case 1:
    case 132:
      return trouble(
        'DOCK_CENTRE_PROTOCOL',
        phrase`${broker} to speak this version of MQTT`,
        found,
        phrase`Set central.protocol to the version that the broker speaks: 4 for MQTT 3.1.1, 5 for MQTT 5`,
      );
    case 142:
      return trouble(
        'DOCK_CENTRE_TAKEN_OVER',
        phrase`to be the only client of ${broker} with the id of this dock`,
        found,
        phrase`Find the other client or dock that uses the same dock.id and bureau and give it its own`,
      );
    case 149:
      return tooLarge(broker, found);
    case 3:
    case 136:
    case 137:
    case 139:
    case 151:
    case 156:
    case 157:
    case 159:
    case 160:
      return trouble(
        'DOCK_CENTRE_UNREACHABLE',
        phrase`${what} by ${broker}`,
        found,
        phrase`Nothing to do unless it lasts: the broker says that it is busy or away; the dock keeps trying`,
      );
    default:
      return trouble(
        'DOCK_CENTRE_REFUSED',
        phrase`${what} by ${broker}`,
        found,
        phrase`Check the user name, password, certificate and permissions that the broker has for this dock`,
      );
  }
}

export function tooLarge(broker: string, found: Phrase): DockError {
  return trouble(
    'DOCK_CENTRE_TOO_LARGE',
    phrase`${broker} to take messages of this size`,
    found,
    phrase`Raise the largest message size of the broker; events wait in the ledger meanwhile`,
  );
}

export function stalled(broker: string, expected: Phrase, found: Phrase): DockError {
  return trouble(
    'DOCK_CENTRE_STALLED',
    phrase`${expected} from ${broker}`,
    found,
    phrase`Check the load and the disk of the broker, and what stands between it and the dock; the dock connects anew`,
  );
}

export function closed(broker: string, found: Phrase): DockError {
  return trouble(
    'DOCK_CENTRE_CLOSED',
    phrase`the connection to ${broker} to last`,
    found,
    phrase`Check the log of the broker if it happens again, also for another client with the id of this dock; the dock connects anew`,
  );
}

/** The dock's own key, certificate or authority cannot be used at all. */
export function badKey(thrown: unknown): DockError {
  return trouble(
    'DOCK_CENTRE_KEY',
    phrase`a certificate authority, certificate and private key in PEM that belong together`,
    messageOf(thrown),
    phrase`Check central.caFile, central.certFile and central.keyFile`,
    thrown,
  );
}
