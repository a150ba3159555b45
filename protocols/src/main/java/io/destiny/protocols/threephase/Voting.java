package io.destiny.protocols.threephase;

import io.destiny.core.engine.ConsensusEngine.Progress;
import io.destiny.core.engine.Port;
import io.destiny.core.machine.LogRecord;
import io.destiny.core.machine.TimerKind;
import io.destiny.core.model.Digest;
import io.destiny.core.statement.MalformedException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How the votes of one instance travel and are counted, up to the commitment. */
public interface Voting {
  /** A message of the engine's own, about a slot of the window. */
  void onMessage(int from, ThreePhaseMessage message, Port port);

  /** The slot's proposal is accepted, and will be durable before anything else leaves. */
  void cast(ThreePhaseSlot slot, Port port);

  /**
   * Does whatever the votes that are held suffice for, up to {@link ThreePhaseEngine#committed}; a
   * slot that is committed already may lack this replica's votes, which others may need.
   */
  void count(ThreePhaseSlot slot, Port port);

  /** The slot is committed. */
  void committed(ThreePhaseSlot slot, Port port);

  /** A timer that this started. */
  void onTimer(TimerKind kind, long slot, Port port);

  /** Another view is entered, made of these VIEW-CHANGEs: votes of earlier ones are of no use. */
  void entered(List<ViewChange> set, Port port);

  /** The low watermark has moved up. */
  void advance(long low);

  // ---- view changes

  /** What the own VIEW-CHANGE says of the slots (low, high]. */
  Evidence evidence(long low, long high);

  // ---- repair

  /** Shows a peer that the slot is committed, if it is; how many bytes that was. */
  int show(ThreePhaseSlot slot, int to, Port port);

  /** STATUS: a peer gets the own votes that it may need, once more; how many messages it got. */
  int resend(ThreePhaseSlot slot, int to, Progress progress, Port port);

  /** Whose last votes for this value are held. */
  List<Integer> voters(ThreePhaseSlot slot, Digest value);

  /** Who should have the payload of this value; one may be named more than once. */
  List<Integer> holders(ThreePhaseSlot slot, Digest value);

  // ---- restart

  /**
   * A record of the engine's own, about a slot of the window; the view is restored already. The
   * value, if the record shows the slot committed.
   */
  @Nullable Digest restore(LogRecord record) throws MalformedException;

  /** Goes on from what was restored, where the slot's proposal was accepted in the present view. */
  void resume(ThreePhaseSlot slot, Port port);
}
