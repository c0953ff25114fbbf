using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries;

/// <summary>One attack on the verifier. A class that implements this is found and tried by <see cref="ForgeryTests"/> and
/// <see cref="SafetyTests"/>; with a constructor that takes a <see cref="FileKind"/>, once for each kind of file.</summary>
internal interface IForgery
{
    /// <summary>The finding of the design review that it belongs to: C1 … C12, H1 … H20, M1 …; or what it is about.</summary>
    string Code { get; }

    /// <summary>What the attacker does.</summary>
    string Attack { get; }

    /// <summary>What the answer must be.</summary>
    VerdictKind Kind => VerdictKind.Unverifiable;

    /// <summary>And why, exactly.</summary>
    Reason Reason { get; }

    /// <summary>A part of the text that people see.</summary>
    string Says => string.Empty;

    /// <summary>The files that the attacker presents; null where an honest run gives no occasion for it.</summary>
    Forged? Make(Scene scene, Adversarial random);
}
