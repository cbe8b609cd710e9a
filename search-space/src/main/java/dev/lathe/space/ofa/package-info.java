/**
 * The search spaces of once-for-all and of ProxylessNAS, with once-for-all's text form of an architecture and the published
 * costs that they are checked against.
 *
 * @see <a href="https://arxiv.org/abs/1908.09791">Cai et al., Once-for-All, ICLR 2020</a>
 * @see <a href="https://arxiv.org/abs/1812.00332">Cai et al., ProxylessNAS, ICLR 2019</a>
 */
@NullMarked
package dev.lathe.space.ofa;

import org.jspecify.annotations.NullMarked;
