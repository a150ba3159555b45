/**
 * What the three-phase protocols of the BFT model share (pbft.md §3, §5): votes counted by sender,
 * the sets P and Q, VIEW-CHANGE and NEW-VIEW with their rules, and the choice that a new primary
 * makes and every backup makes again.
 */
@NullMarked
package io.destiny.protocols.threephase;

import org.jspecify.annotations.NullMarked;
