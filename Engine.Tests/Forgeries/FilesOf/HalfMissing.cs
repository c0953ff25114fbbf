using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>Half of a file is missing.</summary>
internal sealed class HalfMissing(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "L8";

    /// <inheritdoc/>
    public string Attack => $"the second half of the {kind} file is missing";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => "truncated";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) => Whole.Of(scene, kind).Edit(kind, bytes => bytes[..(bytes.Length / 2)]);
}
