using VerifiableCompute.Engine.Protocol;
using VerifiableCompute.Engine.Tests.Verify;
using VerifiableCompute.Engine.Verify;

namespace VerifiableCompute.Engine.Tests.Forgeries.FilesOf;

/// <summary>A file says that it is one of another kind.</summary>
internal sealed class KindOther(FileKind kind) : IForgery
{
    /// <inheritdoc/>
    public string Code => "H1";

    /// <inheritdoc/>
    public string Attack => $"the {kind} file says that it is a trace";

    /// <inheritdoc/>
    public Reason Reason => kind == FileKind.Statement ? Reason.StatementNotValid : Reason.Malformed;

    /// <inheritdoc/>
    public string Says => $"not a {kind} file";

    /// <inheritdoc/>
    public Forged? Make(Scene scene, Adversarial random) =>
        Whole.Of(scene, kind).Edit(kind, bytes => [.. bytes[..6], (byte)FileKind.Trace, .. bytes[7..]]);
}
