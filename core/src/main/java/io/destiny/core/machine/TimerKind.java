package io.destiny.core.machine;

/** What timers are for (00-system-model §8). */
public enum TimerKind {
  /** T_batch: close the open batch. */
  BATCH,
  /** T_ob: close the open O-list. */
  ORDER_BATCH,
  /** T_col: ask the next collectors to commit a slot. */
  COLLECTOR,
  /** T_exec: ask the next execution collectors. */
  EXECUTION_COLLECTOR,
  /** The same for a checkpoint. */
  CHECKPOINT_COLLECTOR,
  /** T_fetch: a hole or a missing payload. */
  FETCH,
  /** T_resend: STATUS. */
  STATUS,
  /** T_vc: a slot that was voted for does not commit. */
  PROGRESS,
  /** T_prop: a client's command is not proposed. */
  PROPOSAL,
  /** T_order: a committed D-slot is not ordered. */
  ORDERING,
  /** T_ppwait: an O-list waits at the gate. */
  GATE,
  /** T_dis: an ordered slot is not disseminated. */
  DISSEMINATION,
  /** T_nv: a NEW-VIEW does not come. */
  NEW_VIEW,
  /** T_resend of what a view change sends. */
  VIEW_RESEND,
  /** State transfer makes no progress. */
  STATE_TRANSFER,
  /** Flush of what was recorded lazily. */
  FLUSH,
  /** T_fast: a slot has a quorum's votes and not all. */
  FAST_PATH,
  /** T_idle: a pillar has nothing to propose, and others wait for it. */
  IDLE
}
