using System;
using System.Collections.Generic;
using System.Collections.Immutable;

using VerifiableCompute.Engine.Lowering;

namespace VerifiableCompute.Engine.Onnx;

/// <summary>What is wrong with a model, found in one pass: malformed parts come before unsupported ones, and these before what cannot be
/// committed to.</summary>
internal sealed class DefectList
{
    private readonly List<string> _invalid = [];
    private readonly List<string> _unsupported = [];
    private readonly List<string> _notCommittable = [];
    private int _notCommittableLeftOut;
    private int _outOfScope;
    private int _invalidLeftOut;
    private int _unsupportedLeftOut;

    internal bool Any => _invalid.Count + _unsupported.Count + _notCommittable.Count > 0;

    internal static string Text(string what, ImmutableArray<string> defects)
        => defects.Length == 1 ? $"{what}: {defects[0]}" : $"{what}:\n  {string.Join("\n  ", defects)}";

    internal void Invalid(string defect) => Note(_invalid, defect, ref _invalidLeftOut);

    internal void Unsupported(string defect) => Note(_unsupported, defect, ref _unsupportedLeftOut);

    /// <summary>Notes what is not supported and is not meant to be; see <see cref="OutOfScope"/>.</summary>
    internal void OutOfScope(string defect)
    {
        _outOfScope++;
        Unsupported(defect);
    }

    internal void NotCommittable(string defect) => Note(_notCommittable, defect, ref _notCommittableLeftOut);

    /// <summary>The refusal, or null when there is nothing wrong.</summary>
    internal Exception? Refusal()
    {
        if (_invalid.Count > 0)
        {
            return new InvalidModelException(Listed(_invalid, _invalidLeftOut));
        }

        if (_unsupported.Count > 0)
        {
            bool isOutOfScope = _outOfScope == _unsupported.Count + _unsupportedLeftOut;
            return new UnsupportedModelException(Listed(_unsupported, _unsupportedLeftOut)) { IsOutOfScope = isOutOfScope };
        }

        return _notCommittable.Count > 0
            ? new NotCommittableException(Text("the model runs, but not under a commitment", Listed(_notCommittable, _notCommittableLeftOut)))
            : null;
    }

    internal void ThrowIfAny()
    {
        if (Refusal() is Exception refusal)
        {
            throw refusal;
        }
    }

    private static void Note(List<string> list, string defect, ref int leftOut)
    {
        if (list.Count < OnnxLimits.Defects)
        {
            list.Add(defect);
        }
        else
        {
            leftOut++;
        }
    }

    private static ImmutableArray<string> Listed(List<string> list, int leftOut)
        => leftOut == 0 ? [.. list] : [.. list, $"and {leftOut} more"];
}
