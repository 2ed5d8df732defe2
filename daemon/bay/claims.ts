/** Which bay has which camera: two that claim one identity are not the same camera, and neither may pass for the other. */
import { DockError } from '../../drivers/contract/error.js';
import { phrase } from '../../drivers/contract/phrase.js';

export class CameraClaims {
  readonly #bayOf = new Map<string, string>();

  /** Takes the identity for this bay; throws DOCK_CAMERA_TWIN while another bay has it. */
  claim(camera: string, bay: string): void {
    const holder = this.#bayOf.get(camera);
    if (holder !== undefined && holder !== bay) {
      throw new DockError('DOCK_CAMERA_TWIN', {
        expected: phrase`camera ${camera} in one bay`,
        found: phrase`it is in bay ${holder} already, and bay ${bay} claims it too`,
        todo: phrase`Take both out and give one of them an identity of its own`,
        retry: 'after-redocking',
      });
    }
    this.release(bay);
    this.#bayOf.set(camera, bay);
  }

  release(bay: string): void {
    for (const [camera, holder] of this.#bayOf) if (holder === bay) this.#bayOf.delete(camera);
  }
}
