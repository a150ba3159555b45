package io.destiny.protocols.pbft;

import io.destiny.core.machine.FamilyCodec;
import io.destiny.core.model.Digest;
import io.destiny.core.model.QuorumRule;
import io.destiny.core.statement.MalformedException;
import io.destiny.core.statement.Reader;
import io.destiny.protocols.threephase.ClaimSets;
import io.destiny.protocols.threephase.Evidence;
import io.destiny.protocols.threephase.Outcome;
import io.destiny.protocols.threephase.Selection;
import io.destiny.protocols.threephase.ThreePhase;
import io.destiny.protocols.threephase.ThreePhaseEngine;
import io.destiny.protocols.threephase.ViewChange;
import io.destiny.protocols.threephase.Voting;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** PBFT: the family with votes from all to all, and claims in its view changes. */
public final class Pbft implements ThreePhase {
  @Override
  public FamilyCodec codec() {
    return new PbftCodec();
  }

  @Override
  public Voting voting(ThreePhaseEngine engine) {
    return new AllToAll(engine);
  }

  @Override
  public Evidence decode(Reader r) throws MalformedException {
    return ClaimSets.decode(r);
  }

  @Override
  public @Nullable Outcome choose(QuorumRule rule, Digest noop, List<ViewChange> set) {
    return Selection.of(rule, noop, set);
  }
}
