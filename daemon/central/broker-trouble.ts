/**
 * Why there is no connection to the broker, told apart so far that somebody knows what to do. Pure.
 *
 * Everything is worth another attempt later (the dock cannot know when the other side is put right); `slow` says which
 * troubles a person has to end, so that asking again soon would only fill logs and lock accounts.
 */
import { DockError, type DockErrorCode, errnoOf, messageOf } from '../../drivers/contract/error.js';
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

function trouble(code: DockErrorCode, expected: string, found: string, todo: string, cause?: unknown): DockError {
  return new DockError(code, { expected, found: printable(found), todo, retry: 'now', cause });
}

/** Why a connection could not be made or broke: from the socket's or TLS's own error. */
export function socketTrouble(broker: string, thrown: unknown): DockError {
  const code = errnoOf(thrown) ?? '';
  const found = code === '' ? messageOf(thrown) : `${code}: ${messageOf(thrown)}`;
  switch (code) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_FAIL':
    case 'EAI_NODATA':
    case 'EAI_NONAME':
      return trouble(
        'DOCK_CENTRE_ADDRESS',
        `an address for the broker ${broker}`,
        found,
        'Check the host name in central.url and the name servers of the dock',
        thrown,
      );
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return trouble(
        'DOCK_CENTRE_CERT_EXPIRED',
        `a certificate of ${broker} that is valid now`,
        found,
        'Check the clock of the dock first, then renew the certificate of the broker',
        thrown,
      );
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return trouble(
        'DOCK_CENTRE_CERT_HOST',
        `a certificate that names the host of ${broker}`,
        found,
        'Write in central.url the host name that the certificate of the broker was issued for',
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
        `a certificate of ${broker} from an authority that central.caFile names`,
        found,
        'Give the certificate of the authority that issued the certificate of the broker in central.caFile; do not trust it unseen',
        thrown,
      );
    default:
      break;
  }
  // The broker's alert about our own certificate; with TLS 1.3 it comes only after the handshake seemed complete.
  if (/^ERR_SSL_.*ALERT_(?!.*PROTOCOL_VERSION)/.test(code)) {
    return trouble(
      'DOCK_CENTRE_CERT_REFUSED',
      `${broker} to accept the certificate of this dock`,
      found,
      'Check central.certFile and central.keyFile, and that the broker trusts their authority',
      thrown,
    );
  }
  if (code.startsWith('ERR_SSL_') || code === 'EPROTO') {
    return trouble(
      'DOCK_CENTRE_PROTOCOL',
      `TLS at ${broker}`,
      found,
      'Check the port and mqtt:// or mqtts:// in central.url',
      thrown,
    );
  }
  return trouble(
    'DOCK_CENTRE_UNREACHABLE',
    `a connection to ${broker}`,
    found,
    'Check the network of the dock and that the broker is running; the dock keeps trying',
    thrown,
  );
}

/** The broker's refusal in CONNACK, PUBACK, SUBACK or DISCONNECT; reason codes of MQTT 5, and 1–5 of MQTT 3.1.1. */
export function refusal(broker: string, what: string, reason: number, meaning: string): DockError {
  const found = `${meaning === '' ? 'refused' : meaning} (reason ${reason})`;
  switch (reason) {
    case 1:
    case 132:
      return trouble(
        'DOCK_CENTRE_PROTOCOL',
        `${broker} to speak this version of MQTT`,
        found,
        'Set central.protocol to the version that the broker speaks: 4 for MQTT 3.1.1, 5 for MQTT 5',
      );
    case 142:
      return trouble(
        'DOCK_CENTRE_TAKEN_OVER',
        `to be the only client of ${broker} with the id of this dock`,
        found,
        'Find the other client or dock that uses the same dock.id and bureau and give it its own',
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
        `${what} by ${broker}`,
        found,
        'Nothing to do unless it lasts: the broker says that it is busy or away; the dock keeps trying',
      );
    default:
      return trouble(
        'DOCK_CENTRE_REFUSED',
        `${what} by ${broker}`,
        found,
        'Check the user name, password, certificate and permissions that the broker has for this dock',
      );
  }
}

export function tooLarge(broker: string, found: string): DockError {
  return trouble(
    'DOCK_CENTRE_TOO_LARGE',
    `${broker} to take messages of this size`,
    found,
    'Raise the largest message size of the broker; events wait in the ledger meanwhile',
  );
}

export function stalled(broker: string, expected: string, found: string): DockError {
  return trouble(
    'DOCK_CENTRE_STALLED',
    `${expected} from ${broker}`,
    found,
    'Check the load and the disk of the broker, and what stands between it and the dock; the dock connects anew',
  );
}

export function closed(broker: string, found: string): DockError {
  return trouble(
    'DOCK_CENTRE_CLOSED',
    `the connection to ${broker} to last`,
    found,
    'Check the log of the broker if it happens again, also for another client with the id of this dock; the dock connects anew',
  );
}

/** The dock's own key, certificate or authority cannot be used at all. */
export function badKey(thrown: unknown): DockError {
  return trouble(
    'DOCK_CENTRE_KEY',
    'a certificate authority, certificate and private key in PEM that belong together',
    messageOf(thrown),
    'Check central.caFile, central.certFile and central.keyFile',
    thrown,
  );
}
