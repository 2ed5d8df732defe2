/** placeholder for types */
export interface BayState {
  readonly name:
    | 'empty'
    | 'settling'
    | 'inspecting'
    | 'offloading'
    | 'clearing'
    | 'charging'
    | 'ready'
    | 'not-ready'
    | 'refused'
    | 'faulty';
}
