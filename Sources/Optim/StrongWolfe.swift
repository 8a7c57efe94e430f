import Tensors

/// A point on the line that is searched: the step t, the function there, its gradient, and its slope along the line.
struct LinePoint {
  let t: Double
  let value: Double
  let gradient: Tensor
  let slope: Double
}

/// A search for a step length that lowers a function enough and flattens its slope enough: the strong Wolfe conditions.
///
/// Nocedal and Wright 2006, algorithms 3.5 and 3.6; when to trust the cubic's minimum follows minFunc (Schmidt 2005),
/// as in PyTorch.
struct StrongWolfe {
  /// The function must fall by at least this share of what the initial slope promises.
  let sufficientDecrease = 1e-4
  /// At most this share of the initial slope may remain.
  let curvature = 0.9
  /// A bracket shorter than this, in the element that moves most, is not searched further.
  let tolerance = 1e-9

  /// Where the line starts; its slope is negative.
  let start: LinePoint
  /// The largest element of the direction.
  let directionSize: Double
  /// The most evaluations after the first one.
  let limit: Int

  /// A step that satisfies the conditions, or the best one seen. `evaluate` computes a point on the line.
  func search(from t: Double, evaluate: (Double) -> LinePoint) -> LinePoint {
    var looks = 0
    var (bracket, isDone) = bracket(from: t, &looks, evaluate)
    var low = bracket[0].value <= bracket[bracket.count - 1].value ? 0 : 1
    var wasNearEdge = false
    while !isDone, looks < limit, abs(bracket[1].t - bracket[0].t) * directionSize >= tolerance {
      let t = inside(bracket, Self.cubicMinimum(bracket[0], bracket[1]), &wasNearEdge)
      let point = evaluate(t)
      looks += 1
      if !decreases(point) || point.value >= bracket[low].value {
        bracket[1 - low] = point
        low = bracket[0].value <= bracket[1].value ? 0 : 1
      } else {
        if isFlat(point) {
          isDone = true
        } else if point.slope * (bracket[1 - low].t - bracket[low].t) >= 0 {
          bracket[1 - low] = bracket[low]
        }
        bracket[low] = point
      }
    }
    return bracket[low]
  }

  /// Moves outwards until two points enclose a step that satisfies the conditions, or one satisfies them.
  private func bracket(
    from t: Double, _ looks: inout Int, _ evaluate: (Double) -> LinePoint
  ) -> (points: [LinePoint], isDone: Bool) {
    var previous = start
    var point = evaluate(t)
    while looks < limit {
      if !decreases(point) || (looks > 1 && point.value >= previous.value) { return ([previous, point], false) }
      if isFlat(point) { return ([point], true) }
      if point.slope >= 0 { return ([previous, point], false) }
      let farthest = min(point.t * 10, .greatestFiniteMagnitude)
      let outwards = min(point.t + 0.01 * (point.t - previous.t), farthest)...farthest
      let next = Self.cubicMinimum(previous, point, within: outwards)
      previous = point
      point = evaluate(next)
      looks += 1
    }
    return ([start, point], false)
  }

  private func decreases(_ point: LinePoint) -> Bool {
    !(point.value > start.value + sufficientDecrease * point.t * start.slope)
  }

  private func isFlat(_ point: LinePoint) -> Bool { abs(point.slope) <= -curvature * start.slope }

  /// A trial that would shorten the bracket by less than a tenth twice in a row is moved inwards.
  private func inside(_ bracket: [LinePoint], _ t: Double, _ wasNearEdge: inout Bool) -> Double {
    let (first, last) = (min(bracket[0].t, bracket[1].t), max(bracket[0].t, bracket[1].t))
    let margin = 0.1 * (last - first)
    guard min(last - t, t - first) < margin else {
      wasNearEdge = false
      return t
    }
    if wasNearEdge || t >= last || t <= first {
      wasNearEdge = false
      return abs(t - last) < abs(t - first) ? last - margin : first + margin
    }
    wasNearEdge = true
    return t
  }

  /// The minimum of the cubic through two points with their slopes, within bounds; their midpoint if it has no minimum.
  static func cubicMinimum(_ a: LinePoint, _ b: LinePoint, within bounds: ClosedRange<Double>? = nil) -> Double {
    let (left, right) = a.t <= b.t ? (a, b) : (b, a)
    let bounds = bounds ?? left.t...right.t
    let d1 = left.slope + right.slope - 3 * (left.value - right.value) / (left.t - right.t)
    let square = d1 * d1 - left.slope * right.slope
    let d2 = square.squareRoot()
    let t = right.t - (right.t - left.t) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2))
    return square >= 0 && !t.isNaN
      ? min(max(t, bounds.lowerBound), bounds.upperBound) : (bounds.lowerBound + bounds.upperBound) / 2
  }
}
