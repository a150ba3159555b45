package io.destiny.protocols.threephase;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an engine of the family has of its own: how replicas vote, what a VIEW-CHANGE says of that,
 * and what a new primary makes of it.
 */
public interface ThreePhase extends Evidence.Decoder {
  /** The codec of its own messages. */
  FamilyCodec codec();

  /** One instance's votes. */
  Voting voting(ThreePhaseEngine engine);

  /**
   * What the primary of a view takes over, and each backup finds again; null if the set does not
   * decide yet.
   *
   * @param noop the digest of the null request
   * @param set valid VIEW-CHANGEs of distinct senders for one view
   */
  @Nullable Outcome choose(QuorumRule rule, Digest noop, List<ViewChange> set);
}
