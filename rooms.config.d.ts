/** The house plan, typed for the tools that read it. */
export interface RoomPlan {
  readonly enter?: readonly string[];
  readonly look?: readonly string[];
  readonly packages?: readonly string[];
}
export declare const rooms: Readonly<Record<string, RoomPlan>>;
export declare const hallways: readonly string[];
