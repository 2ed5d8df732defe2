/** What the guest's firmware says is soldered to its board, as ACPI tables. Needs `iasl` (acpica-tools). */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './program.js';

/** Of a device's properties, and of the nodes below it (ACPI _DSD implementation guide). */
const properties = 'ToUUID ("daffd814-6eba-4d8c-8a91-bc9bbf4aa301")';
const nodes = 'ToUUID ("dbb8e3e6-5886-4ba6-8795-1319f52a966b")';

/**
 * LEDs on GPIOs, as the firmware of an amd64 dock declares them for the kernel's leds-gpio; the compiled table. The GPIO controller is one that
 * the stock kernel drives, at an address where no device answers: what is written to it goes nowhere.
 */
export function ledTable(folder: string, names: readonly string[]): string {
  const pins = names.map(
    (_, pin) =>
      `GpioIo (Exclusive, PullNone, 0, 0, IoRestrictionOutputOnly, "\\\\_SB.GPI0", 0, ResourceConsumer) { ${pin} }`,
  );
  const leds = names.map(
    (name, index) => `Name (LED${index}, Package () { ${properties}, Package () {
        Package () { "label", "${name}" }, Package () { "gpios", Package () { ^LEDS, ${index}, 0, 0 } } } })`,
  );
  const source = `DefinitionBlock ("", "SSDT", 2, "DOCK", "LEDS", 1) {
  Scope (\\_SB) {
    Device (GPI0) {
      Name (_HID, "AMDI0030")
      Name (_CRS, ResourceTemplate () {
        Interrupt (ResourceConsumer, Level, ActiveLow, Shared) { 7 }
        Memory32Fixed (ReadWrite, 0xFED81500, 0x400)
      })
    }
    Device (LEDS) {
      Name (_HID, "PRP0001")
      Name (_CRS, ResourceTemplate () { ${pins.join('\n')} })
      Name (_DSD, Package () {
        ${properties}, Package () { Package () { "compatible", Package () { "gpio-leds" } } },
        ${nodes}, Package () { ${names.map((_, index) => `Package () { "led-${index}", "LED${index}" }`).join(', ')} }
      })
      ${leds.join('\n')}
    }
  }
}
`;
  const base = path.join(folder, 'leds');
  writeFileSync(`${base}.asl`, source);
  run('iasl', ['-p', base, `${base}.asl`]);
  return `${base}.aml`;
}
